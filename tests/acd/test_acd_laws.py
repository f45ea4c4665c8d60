"""The laws of fairness over random histories, against a matcher that looks at everything every time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acd.checking import checked
from acd.matcher import Matcher, MatcherRules
from acd.skills import (
    Ability,
    Gate,
    Requirement,
    Reserve,
    Ring,
    RingPlan,
    Skill,
    Skillbook,
    Tables,
    Tier,
    own_gate,
)  # fmt: skip
from tests.acd.acd_slow_matcher import SlowMatcher
from tests.laws import asks

A, B, C = Tier.A, Tier.B, Tier.C
ALL = frozenset(Tier)
RULES = MatcherRules(ring_seconds=7.0, quick_ring_seconds=2.0, connect_seconds=3.0, seconds_per_priority=11.0)
QUEUES = ("efin", "kup", "ppn", "complaints")
AGENTS = tuple(f"{number:04d}" for number in range(7))


def book(*reserves: Reserve) -> Skillbook:
    skills = (Skill("general", ""), Skill("kup", "", 3, "general"), Skill("ppn", "", 3, "kup"))
    plans = (
        RingPlan("one", (Ring(0, frozenset({A})),)),
        RingPlan("wide", (Ring(0, frozenset({B}), 2), Ring(5, frozenset({B, C}), 2), Ring(9, ALL, 1, 1))),
        RingPlan("late", (Ring(0, frozenset({C}), 3), Ring(6, frozenset({C}), 1, 2))),
    )  # fmt: skip
    requirements = (
        Requirement("efin", "general", A, "one"),
        Requirement("kup", "kup", B, "wide", priority=1),
        Requirement("ppn", "ppn", B, "wide"),
        Requirement("complaints", "ppn", C, "late", priority=2),
    )
    return checked(Tables(skills, (), (), plans, requirements, reserves))


BOOKS = (
    book(),
    book(Reserve("kup", B, 1)),
    book(Reserve("general", A, 1), Reserve("kup", B, 2), Reserve("ppn", C, 1)),
)

gates = st.builds(
    Gate,
    st.sampled_from(["general", "kup", "ppn"]),
    st.sampled_from(list(Tier)),
    st.integers(1, 3),
    st.sampled_from(["id", "id", "en"]),
)
known = st.frozensets(gates, min_size=1, max_size=4)
# Some agents can be chosen for calls that only they may take, and some of these for nothing else.
own = st.sampled_from(["", "", "own", "only"])
abilities = st.tuples(known, own)
Talents = tuple[frozenset[Gate], str]
steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["enter"] * 5
            + ["free"] * 5
            + ["leave", "away", "claim", "claim", "connected", "fail", "define", "tick"]
        ),
        st.integers(0, 6),
        st.integers(0, 30),
        st.sampled_from([0, 0, 0, 0.5, 1, 2, 3.5, 7, 20]),
    ),
    max_size=60,
)


@dataclass
class Both:
    """The same history told to both matchers; what they answer must be the same."""

    book: Skillbook
    now: float = 100.0
    connected: Counter[str] = field(default_factory=Counter)
    entered: int = 0

    def __post_init__(self) -> None:
        self.fast = Matcher(self.book, RULES)
        self.slow = SlowMatcher(self.book, RULES)

    def tell(self, event: str, *arguments: object) -> None:
        fast = getattr(self.fast, event)(*arguments, self.now)
        slow = getattr(self.slow, event)(*arguments, self.now)
        ours, theirs = _flat(fast), _flat(slow)
        assert ours == theirs, (event, arguments)
        self.hold_the_laws()

    def define(self, agent: str, talents: Talents) -> None:
        gates, kind = talents
        own = {own_gate(agent, language) for language in ("id", "en")} if kind else set()
        self.tell("define_agent", agent, Ability(frozenset(own) if kind == "only" else gates | own))

    def enter(self, queue: str, language: str, earlier: float, priority: int, only: str, quick: bool) -> None:
        self.entered += 1
        call = f"call{self.entered:03d}"
        args = (call, queue, language, self.now - earlier, self.now, priority, only, quick)
        assert _flat(self.fast.enter(*args)) == _flat(self.slow.enter(*args))
        self.hold_the_laws()

    def hold_the_laws(self) -> None:
        offers = [(call.call_id, call.desk.agent) for call in self.fast.offers.values()]
        calls, agents = [call for call, _ in offers], [agent for _, agent in offers]
        assert len(set(calls)) == len(calls), "two agents for one call"
        assert len(set(agents)) == len(agents), "two calls for one agent"
        # No place is lost: every call is where the slow matcher has it, waiting or offered.
        waiting = {call.call_id for call in self.fast.calls.values() if not call.number}
        assert waiting == {call.call_id for call in self.slow.waiting()}
        assert set(self.fast.calls) == set(self.slow.calls)
        assert waiting.isdisjoint(calls)
        # A call for one agent only is given to nobody else.
        for made in self.fast.offers.values():
            assert made.line.only in ("", made.desk.agent)
        # No free agent while a call they may take waits.
        for call in self.slow.waiting():
            assert self.slow.best(call, self.now) is None, "a free agent while a call waits"


def _flat(answer: object) -> list[object]:
    if isinstance(answer, tuple) and answer and isinstance(answer[0], bool):
        return [answer[0], *answer[1]]
    return list(answer)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize("tables", BOOKS, ids=["no_reserve", "one_reserve", "three_reserves"])
@settings(max_examples=asks(120), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(team=st.lists(abilities, min_size=len(AGENTS), max_size=len(AGENTS)), history=steps, spare=abilities)
def test_every_history_is_matched_as_by_the_matcher_that_looks_at_everything(
    tables: Skillbook,
    team: Sequence[Talents],
    history: list[tuple[str, int, int, float]],
    spare: Talents,
) -> None:
    both = Both(tables)
    for agent, ability in zip(AGENTS, team, strict=True):
        both.define(agent, ability)
    for event, who, which, later in history:
        both.now += later
        play(both, event, who, which, spare)


def play(both: Both, event: str, who: int, which: int, spare: Talents) -> None:
    agent = AGENTS[who]
    match event:
        case "enter":
            both.enter(
                QUEUES[which % 4],
                "en" if which % 5 == 0 else "id",
                (which // 4) % 3 * 4.0,
                int(which % 7 == 0),
                AGENTS[who] if which % 3 == 0 else "",
                which % 2 == 0,
            )
        case "free" | "away":
            both.tell(event, agent)
        case "leave":
            both.tell(event, f"call{which % (both.entered + 1):03d}")
        case "claim" | "connected" | "fail":
            numbers = [*both.fast.offers, which]
            both.tell(event, numbers[who % len(numbers)])
        case "define":
            both.define(agent, spare)
        case "tick":
            both.tell("tick")
