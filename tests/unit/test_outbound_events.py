"""What the dialer is told of its calls, and in which order."""

import pytest

from dialer.attempts import DialOutcome
from dialer.ports import LineEnd
from ivr.outbound import DialedEnd, Errand
from service.outbound_events import OutboundEvents, errand_of

ATTEMPT = "b" * 32
LEG = f"out-{ATTEMPT}"


class Ear:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def rings(self, attempt_id: str) -> None:
        self.told.append(("rings", attempt_id))

    def answered(self, attempt_id: str, amd: str = "") -> None:
        self.told.append(("answered", attempt_id, amd))

    def joined(self, attempt_id: str, agent: str) -> None:
        self.told.append(("joined", attempt_id, agent))

    def over(self, attempt_id: str, how: DialOutcome) -> None:
        self.told.append(("over", attempt_id, how))

    def ended(self, end: LineEnd) -> None:
        self.told.append(end)

    def lost(self) -> None:
        self.told.append("lost")

    def back(self) -> None:
        self.told.append("back")


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def events(ear: Ear) -> OutboundEvents:
    made = OutboundEvents()
    made.connect(ear)
    return made


def test_a_call_that_nobody_answers_has_only_an_end(events: OutboundEvents, ear: Ear) -> None:
    events.rings(LEG)
    events.gone(LEG, 19, 480)
    assert ear.told == [("rings", ATTEMPT), LineEnd(ATTEMPT, 19, 480, answered=False)]


def test_the_flows_end_comes_before_the_lines_end(events: OutboundEvents, ear: Ear) -> None:
    events.answered(ATTEMPT, "")
    events.joined(ATTEMPT, "70000001")
    events.gone(LEG, 16, 0)
    events.over(ATTEMPT, DialedEnd.TALKED)
    assert ear.told == [
        ("answered", ATTEMPT, ""),
        ("joined", ATTEMPT, "70000001"),
        ("over", ATTEMPT, DialOutcome.TALKED),
        LineEnd(ATTEMPT, 16, 0, answered=True),
    ]


def test_a_line_that_ends_after_its_flow_is_told_at_once(events: OutboundEvents, ear: Ear) -> None:
    events.answered(ATTEMPT, "")
    events.over(ATTEMPT, DialedEnd.ABANDONED)
    events.gone(LEG, 16, 0)
    assert ear.told[1:] == [
        ("over", ATTEMPT, DialOutcome.ABANDONED),
        LineEnd(ATTEMPT, 16, 0, answered=True),
    ]


def test_who_was_answered_while_nobody_listened_was_answered(events: OutboundEvents, ear: Ear) -> None:
    events.gone(LEG, 16, 0, up=True)
    assert ear.told == [LineEnd(ATTEMPT, 16, 0, answered=True)]


def test_legs_of_others_are_nothing_to_the_dialer(events: OutboundEvents, ear: Ear) -> None:
    for leg in ("leg-1", "chan-1", "1763712345.7"):
        events.rings(leg)
        events.gone(leg, 16, 0)
    assert ear.told == []


def test_a_loss_is_told_once_and_so_is_its_end(events: OutboundEvents, ear: Ear) -> None:
    events.back()
    events.back()
    events.lost()
    events.lost()
    events.back()
    assert ear.told == ["back", "lost", "back"]


@pytest.mark.parametrize("how", list(DialedEnd))
def test_the_dialer_knows_every_end(how: DialedEnd) -> None:
    assert DialOutcome(how.value).value == how.value


def test_an_errand_is_read_from_the_applications_arguments() -> None:
    args = ("outbound", "outbound_agent", "outbound/A", "70000001", "en", "human")
    assert errand_of(LEG, args) == Errand(ATTEMPT, "outbound_agent", "outbound/A", "70000001", "en", "human")
    assert errand_of(LEG, args[:3]) == Errand(ATTEMPT, "outbound_agent", "outbound/A")
    assert errand_of("1763712345.7", args) is None, "a caller cannot pass for somebody we called"
    assert errand_of(LEG, ("orphan", "1500200")) == Errand(ATTEMPT, "", ""), "and ours is never a caller"
