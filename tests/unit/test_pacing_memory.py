from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dialer.pacing.predictive import Predictive
from service.pacing_memory import PacingMemory


class Hands:
    """A clock that is moved by hand; 10:00 in Jakarta at first."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
        self.steady = 500.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.steady

    def move(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.steady += seconds


def busy(memory: PacingMemory, campaign: str = "c1") -> Predictive:
    pacer = Predictive()
    memory.adopt(campaign, pacer)
    for number in range(200):
        pacer.dial_ended(500.0 + number, 12.0, live=True)
        pacer.talk_ended(500.0 + number, 60.0)
    pacer.abandoned(700.0)
    return pacer


def test_a_restart_forgets_nothing_of_the_day(tmp_path: Path) -> None:
    clock = Hands()
    memory = PacingMemory(tmp_path / "pacing", clock)
    pacer = busy(memory)
    memory.look()
    clock.move(30.0)
    clock.steady = 3.0  # the machine was started anew
    heir = Predictive()
    PacingMemory(tmp_path / "pacing", clock).adopt("c1", heir)
    assert heir.upper_bound(3.0) == pacer.upper_bound(700.0) < 1.0
    assert heir.state(3.0)["talks"] == pacer.state(700.0)["talks"]


def test_a_restart_on_another_day_begins_that_day(tmp_path: Path) -> None:
    clock = Hands()
    memory = PacingMemory(tmp_path, clock)
    pacer = busy(memory)
    memory.look()
    clock.move(14 * 3600.0)  # midnight in Jakarta
    heir = Predictive()
    PacingMemory(tmp_path, clock).adopt("c1", heir)
    assert heir.upper_bound(0.0) == 1.0
    assert heir.state(0.0)["talks"] == pacer.state(0.0)["talks"]


def test_a_day_begins_at_midnight_of_the_centre_while_it_runs(tmp_path: Path) -> None:
    clock = Hands()
    memory = PacingMemory(tmp_path, clock)
    pacer = busy(memory)
    clock.move(13.9 * 3600.0)
    memory.look()
    assert pacer.upper_bound(0.0) < 1.0
    clock.move(0.2 * 3600.0)
    memory.look()
    assert pacer.upper_bound(0.0) == 1.0


def test_a_changed_campaign_keeps_its_counts(tmp_path: Path) -> None:
    memory = PacingMemory(tmp_path, Hands())
    pacer, heir, other = busy(memory), Predictive(), Predictive()
    memory.adopt("c1", heir)
    memory.adopt("c2", other)
    assert heir.upper_bound(0.0) == pacer.upper_bound(0.0) < 1.0
    assert other.upper_bound(0.0) == 1.0


@pytest.mark.parametrize("damage", ["", "[]", '{"at": "2026-03-02T03:00:00+00:00", "day": "x", "state": 7}'])
def test_a_damaged_file_is_left_out(tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "c1.json").write_text(damage)
    pacer = Predictive()
    PacingMemory(tmp_path, Hands()).adopt("c1", pacer)
    assert pacer.upper_bound(0.0) == 1.0
    assert "begins anew" in caplog.text


def test_a_disk_that_takes_nothing_is_told_and_does_no_harm(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "in the way").write_text("")
    memory = PacingMemory(tmp_path / "in the way", Hands())
    pacer = busy(memory)
    memory.look()
    assert "could not be saved" in caplog.text
    assert pacer.upper_bound(0.0) < 1.0
