"""People whom we called: which flow they enter, and what becomes of them when no agent is there."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from call_flows.book import SHIPPED, FlowBook, load_folder
from call_flows.called import NoSuchFlow
from call_flows.events import CallStarted
from call_flows.journal import replay, to_row
from call_flows.known import Known
from call_flows.session import CallSession
from domain.calls import Call, CallEvent, EndReason
from domain.waiting_room import TalkEnd
from prompts.library import Library
from prompts.texts import load_texts
from tests.flows.caller import NINE_ON_MONDAY, Caller
from tests.flows.test_flows_book import CLINIC

Calls = Callable[..., Caller]

ABANDONED = ("called_by_us", "called_nobody_there", "call_us_back", "goodbye_called")

OURS = """\
flow: reminder
about: For people we called.
called: true
steps:
  agent:
    queue: campaign
    limit: 2s
    answered: conversation
    after_talk: again
    closed: end
    otherwise: end
  again:
    queue: campaign
    music: music
    limit: 30s
    answered: conversation
    closed: end
    otherwise: end
  end:
    hang_up: abandoned
"""


def book_of(known: Known, text: str = OURS) -> FlowBook:
    return FlowBook.from_files({"kring_pajak.yaml": CLINIC, "reminder.yaml": text}, known)


def test_a_flow_is_entered_by_its_name(known: Known) -> None:
    book = book_of(known)
    assert book.entry("flow:reminder") == "reminder.agent"
    assert book.entry("1500200") == "kring_pajak.welcome"
    assert book.called() == ("reminder",)


def test_a_flow_is_for_agents_if_people_come_to_them_without_a_key(known: Known) -> None:
    assert book_of(known).for_agents() == ("reminder",)
    told_first = OURS.replace("  agent:\n", "  hello:\n    play: goodbye\n    then: agent\n  agent:\n", 1)
    assert book_of(known, told_first).for_agents() == ("reminder",)
    shipped = load_folder(SHIPPED, Known.of(Library.load(Path("prompts"))))
    assert shipped.called() == ("outbound_agent", "outbound_reminder")
    assert shipped.for_agents() == ("outbound_agent",)  # of a reminder, those who press 0


@pytest.mark.parametrize("name", ["remainder", "", "kring_pajak", "../reminder"])
def test_a_flow_that_is_not_there_is_told(known: Known, name: str) -> None:
    with pytest.raises(NoSuchFlow, match=r"there is no flow `.*` with `called: true`; there are: reminder"):
        book_of(known).entry(f"flow:{name}")


def test_the_queue_campaign_is_the_queue_of_the_call(known: Known) -> None:
    session = CallSession(book_of(known), "c1", "flow:reminder")
    session.handle(CallStarted("flow:reminder", "en", {"campaign_queue": "outbound/B"}), NINE_ON_MONDAY)
    room = session.outstanding().room
    assert room is not None
    assert (room.queue, room.language) == ("outbound/B", "en")
    assert book_of(known).queues() == ("desk",), "a campaign's queue is no queue of the line"


def test_what_a_call_of_ours_brings_survives_a_restart(known: Known) -> None:
    started = CallStarted("flow:reminder", "en", {"campaign_queue": "outbound/B", "campaign_agent": "0042"})
    kind, data, secret = to_row(started)
    assert "0042" not in str(data), "who it is placed for is nobody's business but the room's"
    call = Call("c1", "out-c1", "flow:reminder", None, "v", NINE_ON_MONDAY)
    session = replay(book_of(known), call, [CallEvent("c1", 1, NINE_ON_MONDAY, kind, data, secret)])
    room = session.outstanding().room
    assert room is not None
    assert (room.queue, room.language, room.facts["campaign_agent"]) == ("outbound/B", "en", "0042")


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("called: true", "called: yes", "3: `called:` is neither `true` nor `false`. Write `called: true`"),
        ("called: true\n", "", "step `agent`: no call can ever come here"),
        ("after_talk: again", "after_talk: end", "step `agent`: `after_talk:` does not lead to a queue"),
        ("    music: music\n", "    tell_place: true\n", "the place and the callback are told with what is"),
    ],
)
def test_the_check_knows_flows_for_people_we_called(known: Known, right: str, wrong: str, said: str) -> None:
    assert right in OURS
    with pytest.raises(Exception, match=r"reminder\.yaml") as caught:
        book_of(known, OURS.replace(right, wrong, 1))
    assert said in str(caught.value)


def test_only_a_campaigns_call_can_wait_for_its_agents(known: Known) -> None:
    with pytest.raises(Exception, match="`campaign_queue` may not be known here"):
        FlowBook.from_files({"kring_pajak.yaml": CLINIC.replace("queue: desk", "queue: campaign")}, known)


def test_the_called_person_is_with_an_agent_at_once(caller: Calls) -> None:
    call = caller().is_called("outbound_agent").waits_in("outbound/A").waits(1.9).is_answered()
    call.is_let_go_by_the_agent(TalkEnd.ENDED).is_hung_up(EndReason.COMPLETED)


def test_two_seconds_without_an_agent_are_enough(caller: Calls) -> None:
    call = caller().is_called("outbound_agent").waits_in("outbound/A")
    call.waits(1.99).waits_in("outbound/A")
    call.waits(0.01)
    assert call.now == NINE_ON_MONDAY + timedelta(seconds=2)
    call.hears(*ABANDONED, language="id").is_hung_up(EndReason.ABANDONED)


def test_a_room_that_closes_leaves_nobody_without_a_word(caller: Calls) -> None:
    caller().is_called("outbound_agent").is_turned_away().hears(*ABANDONED).is_hung_up(EndReason.ABANDONED)


def test_the_message_is_in_the_language_of_the_call(caller: Calls) -> None:
    call = caller().is_called("outbound_agent", "en").waits(2).hears(*ABANDONED, language="en")
    call.is_hung_up(EndReason.ABANDONED)


def test_a_key_does_not_cut_off_who_it_was(caller: Calls) -> None:
    call = caller().is_called("outbound_agent").waits(2).hears(*ABANDONED).presses("1")
    assert call.session.outstanding().playing is not None
    call.is_hung_up(EndReason.ABANDONED)


def test_the_message_tells_who_called_and_which_number_to_ring() -> None:
    texts = load_texts(Path("prompts")).prompts
    for language in ("id", "en"):
        said = " ".join(texts[name].texts[language] for name in ABANDONED)
        assert "Kring Pajak" in said and said.count("1500200") == 2


def test_a_talk_that_broke_off_is_taken_up_again_by_an_agent(caller: Calls) -> None:
    call = caller().is_called("outbound_agent").is_answered().is_let_go_by_the_agent(TalkEnd.RETURNED)
    call.is_queued_in("outbound/A", after="talk_broken").waits(30).is_answered()
    call.is_let_go_by_the_agent(TalkEnd.ENDED).is_hung_up(EndReason.COMPLETED)


def test_nobody_waits_long_for_a_talk_that_broke_off(caller: Calls) -> None:
    call = caller().is_called("outbound_agent").is_answered().is_let_go_by_the_agent(TalkEnd.RETURNED)
    call.is_queued_in("outbound/A", after="talk_broken").waits(45)
    call.hears("called_talk_lost", "call_us_back", "goodbye_called").is_hung_up(EndReason.COMPLETED)


def test_an_agent_sends_the_called_person_on_to_another_tier(caller: Calls) -> None:
    call = caller().is_called("outbound_agent").is_answered()
    call.is_let_go_by_the_agent(TalkEnd.TRANSFERRED, "outbound/C")
    call.is_queued_in("outbound/C", after="talk_transferred").is_answered()
