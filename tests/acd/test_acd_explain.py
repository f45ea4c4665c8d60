from datetime import UTC, date, datetime

import pytest

from acd.commands import Offer
from acd.explain import explain
from acd.lines import UnknownQueue
from acd.matcher import Matcher
from acd.tables_csv import load
from tests.acd.acd_tables import AGENTS, tables

MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def staffed(*free: str) -> Matcher:
    book = load(tables())
    matcher = Matcher(book)
    for name, number in AGENTS.items():
        matcher.define_agent(number, book.ability(number, MORNING), 0.0)
        if name in free:
            matcher.free(number, 0.0)
    return matcher


def why_not(matcher: Matcher, call: str, now: float) -> dict[str, tuple[str, ...]]:
    names = {number: name for name, number in AGENTS.items()}
    found = explain(matcher, call, now, MORNING).not_taken
    return {names[item.agent]: item.reasons for item in found}


def test_why_each_free_agent_does_not_take_a_waiting_call() -> None:
    matcher = staffed(*AGENTS)
    assert matcher.enter("c1", "kup_application", "en", 90.0, 100.0) == []
    assert why_not(matcher, "c1", 100.0) == {
        "melati": ("ring 1 opens to them in 20 s",),
        "kenanga": ("does not speak `en`",),
        "mawar": ("competence in kup expired on 2026-11-20", "has no skill of kup"),
        "dahlia": ("is tier A in kup; the widest ring takes B C",),
        "anggrek": ("has no skill of kup",),
    }


def test_a_reserve_is_named() -> None:
    matcher = staffed("melati", "anggrek")
    matcher.enter("c1", "pph_application", "id", 100.0, 100.0)
    assert why_not(matcher, "c1", 100.0)["melati"] == ("kept for kup tier C: 1 free, 1 stay",)


def test_why_this_agent_and_the_rings_with_who_is_in_them() -> None:
    matcher = staffed("melati")
    matcher.enter("c1", "kup_application", "en", 90.0, 100.0)
    matcher.enter("c2", "kup_application", "en", 95.0, 100.0)
    waiting = explain(matcher, "c2", 100.0, MORNING)
    assert (waiting.state, waiting.ahead, waiting.ring, waiting.agent) == ("waiting", 1, 0, None)
    assert [(view.opens_in, view.free, view.others) for view in waiting.rings] == [(0.0, 0, 0), (25.0, 1, 0)]

    assert matcher.wake_at == 120.0
    (offer,) = matcher.tick(120.0)
    assert isinstance(offer, Offer)
    assert (offer.call, offer.agent, offer.ring) == ("c1", AGENTS["melati"], 1)
    offered = explain(matcher, "c1", 121.0, MORNING)
    assert (offered.state, offered.agent, offered.ring) == ("offered", AGENTS["melati"], 1)
    text = offered.text()
    assert "Offered to …1001: had most idle time over an even share, of those whom ring 1 admits." in text
    assert AGENTS["melati"] not in text


def test_what_the_matcher_does_not_know_is_refused() -> None:
    matcher = staffed()
    with pytest.raises(UnknownQueue, match=r"queue `tea` has no requirement\. Remedy: add it"):
        matcher.enter("c1", "tea", "id", 0.0, 0.0)
    with pytest.raises(KeyError):
        explain(matcher, "c1", 0.0, MORNING)
    assert date(2026, 11, 20) == load(tables()).next_expiry(datetime(2026, 11, 1, tzinfo=UTC))
