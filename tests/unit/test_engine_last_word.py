"""Our cancelling and the far end's own word can cross: then only Asterisk's ledger has heard the far end."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from dialer.attempts import DialOutcome
from dialer.outcomes import plain
from dialer.ports import LineEnd
from tests.unit.engine_world import World
from tests.unit.virtual_time import run

BUSY = 486_017  # as the dialplan tells it: SIP code and cause in one number


def cancelled_while_ringing(ledger: Callable[[World, str], LineEnd | None]) -> World:
    """Return a world in which one dial rang, was cancelled, and the ledger said this of it."""
    world = World()
    world.lines.ledger = lambda attempt_id: ledger(world, attempt_id)

    async def whole() -> None:
        async with world:
            world.agents("1")
            await world.rings(1)
        assert world.lines.cancelled

    run(whole())
    return world


@pytest.mark.parametrize(
    ("told", "outcome", "sip_code"),
    [
        (LineEnd("", BUSY, 997, answered=False), DialOutcome.BUSY, 486),
        (LineEnd("", 603_021, 997, answered=False), DialOutcome.REJECTED, 603),
        (LineEnd("", 16, 0, answered=True), DialOutcome.ANSWERED_LATE, 0),
        (LineEnd("", 487_127, 997, answered=False), DialOutcome.CANCELLED, 0),
        (LineEnd("", 127, 997, answered=False), DialOutcome.CANCELLED, 0),
        (LineEnd("", 19, 480, answered=False, by_far_end=True), DialOutcome.NO_ANSWER, 480),
        (LineEnd("", 127, 487, answered=False, by_far_end=True), DialOutcome.NO_ANSWER, 487),
        (LineEnd("", 0, 302, answered=False, by_far_end=True), DialOutcome.MOVED, 302),
        (LineEnd("", 127, 0, answered=False, by_far_end=True), DialOutcome.FAILED, 0),
    ],
)
def test_what_only_the_ledger_heard_is_on_record(told: LineEnd, outcome: DialOutcome, sip_code: int) -> None:
    def ledger(world: World, attempt_id: str) -> LineEnd:
        return plain(replace(told, attempt_id=attempt_id))

    world = cancelled_while_ringing(ledger)
    (row,) = world.attempts.rows.values()
    assert (row.outcome, row.sip_code or 0) == (outcome, sip_code)
    assert world.leads.settled == [(row.lead_id, outcome)]


def test_the_ledger_is_waited_for_a_moment() -> None:
    asked: list[str] = []

    def ledger(world: World, attempt_id: str) -> LineEnd | None:
        asked.append(attempt_id)
        return plain(LineEnd(attempt_id, BUSY, 997, answered=False)) if len(asked) > 2 else None

    world = cancelled_while_ringing(ledger)
    assert [row.outcome for row in world.attempts.rows.values()] == [DialOutcome.BUSY]
    assert len(asked) == 3


@pytest.mark.parametrize("error", [None, OSError("the ledger is gone")])
def test_without_the_ledgers_word_it_stays_cancelled(error: OSError | None) -> None:
    def ledger(world: World, attempt_id: str) -> LineEnd | None:
        if error is not None:
            raise error
        return None

    world = cancelled_while_ringing(ledger)
    assert [row.outcome for row in world.attempts.rows.values()] == [DialOutcome.CANCELLED]
