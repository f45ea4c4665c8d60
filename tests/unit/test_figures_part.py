"""The round that keeps roll-ups: what it says when it fails, and that it goes on."""

import pytest
import structlog

from service.figures_part import Rounds


async def test_a_failing_round_is_told_once_and_its_recovery_too() -> None:
    answers = iter([1, 1, 0, 0])

    async def run() -> int:
        return next(answers)

    rounds = Rounds(run)
    with structlog.testing.capture_logs() as told:
        for _ in range(4):
            await rounds.round()
    assert [one["event"] for one in told] == [
        "figures are not rolled up; see: kring figures rollup",
        "figures are rolled up again",
    ]


async def test_a_process_that_cannot_be_started_is_a_failing_round() -> None:
    async def run() -> int:
        raise OSError("no room for a process")

    with structlog.testing.capture_logs() as told:
        await Rounds(run).round()
    assert {one["log_level"] for one in told} == {"warning", "error"}
    assert "no room" not in str(told)
    with pytest.raises(OSError, match="no room"):
        await run()
