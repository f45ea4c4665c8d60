"""What a call's record suggests to who scores it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from desk.notes import NotesUnavailable
from desk.proof import ActKind, Outcome, ProofAct
from desk.script import Tick
from desk.standing import Rung
from domain.staff import Staff, StaffRole
from recording.recordings import Mark, MarkKind
from service.score_record import CallRecord, talk_seen
from storage.recordings_memory import MemoryRecordings
from tests.web.score_stage import ONE, recording

AT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
FIRST, SECOND = "90000001", "90000002"
MARKS = [
    Mark(MarkKind.TALK, 0, 60_000, FIRST),
    Mark(MarkKind.WAITING, 60_000, 70_000, "efin"),
    Mark(MarkKind.TALK, 70_000, 200_000, SECOND),
    Mark(MarkKind.HOLD, 100_000, 110_000),
]


@pytest.mark.parametrize(
    ("agent", "seen"),
    [
        (FIRST, {"held": "no", "transferred": "yes"}),
        (SECOND, {"held": "yes", "transferred": "no"}),
        ("90000003", {}),
    ],
)
def test_hold_and_transfer_are_told_of_each_agents_part(agent: str, seen: dict[str, str]) -> None:
    assert talk_seen(MARKS, agent) == seen


def test_a_call_that_came_back_was_not_given_away() -> None:
    back = [*MARKS[:3], Mark(MarkKind.TALK, 200_000, None, FIRST)]
    assert talk_seen(back, FIRST)["transferred"] == "no"
    assert talk_seen(back, SECOND)["transferred"] == "yes"


class _World:
    """Records of one outbound call: proved after a minute, its content ticked after two."""

    def __init__(self) -> None:
        self.rung = Rung.FULL
        self.told = AT + timedelta(minutes=2)
        self.away = False
        self.note_of = FIRST

    async def proof(self, call_id: str) -> Any:
        case = SimpleNamespace(may_climb=True)
        return SimpleNamespace(ladder=SimpleNamespace(rung=self.rung, case=case, acts=[]))

    async def acts(self, call_id: str) -> Sequence[ProofAct]:
        at = AT + timedelta(minutes=1)
        return [ProofAct(call_id, 1, at, "s" * 32, ActKind.ITEM, "name", Outcome.MATCHED)]

    async def of_call(self, call_id: str) -> Sequence[Any]:
        if self.away:
            raise NotesUnavailable("the record is away")
        return [SimpleNamespace(agent=self.note_of)]

    async def of(self, call_id: str, staff_id: str) -> Sequence[Tick]:
        return [Tick("outbound", "content", True, at=self.told)]

    async def all(self) -> Sequence[Staff]:
        return [Staff("s" * 32, "satu", "Contoh", frozenset({StaffRole.AGENT}), FIRST, "alfa")]


async def _seen(world: _World, direction: str = "out") -> dict[str, str]:
    book = MemoryRecordings()
    one = recording(ONE, FIRST, 1, direction=direction)
    await book.plan(one)
    await book.mark(ONE, MARKS)
    record = CallRecord(book, world, world, world, world, world)  # type: ignore[arg-type]
    return dict(await record.seen(one, FIRST))


async def test_proof_note_and_script_are_told_in_words() -> None:
    assert await _seen(_World()) == {
        "held": "no", "transferred": "yes", "poro_on_record": "full", "note": "kept",
        "proof_before_content": "yes",
    }  # fmt: skip


async def test_content_told_before_the_proof_is_seen() -> None:
    world = _World()
    world.told = AT
    assert (await _seen(world))["proof_before_content"] == "no"
    world = _World()
    world.rung = Rung.CONFIRMED
    seen = await _seen(world)
    assert (seen["proof_before_content"], seen["poro_on_record"]) == ("no", "none")


async def test_what_cannot_be_read_is_left_out_and_the_rest_is_told() -> None:
    world = _World()
    world.away, world.note_of = True, SECOND
    seen = await _seen(world, "in")
    assert "note" not in seen
    assert "proof_before_content" not in seen
    assert seen["poro_on_record"] == "full"
    world.away = False
    assert (await _seen(world))["note"] == "missing"
