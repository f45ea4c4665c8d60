"""What agents dial, and press during a talk."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from acd.floor_rules import PauseReason
from acd.requests import (
    Actor,
    Consult,
    EndCall,
    EndWrapUp,
    Hold,
    Pause,
    Ready,
    Refused,
    Role,
    SignIn,
    SignOut,
    Target,
    Transfer,
    Unhold,
)
from acd.skills import Skillbook, Tier
from acd.tables_csv import load_folder
from prompts.library import Library
from service.desk_calls import AFTER_CALL, LONGEST_CALL, REFUSALS, REFUSED, UNKNOWN, DeskCalls, DeskParts
from service.dial_codes import BETWEEN_KEYS, FILE, BadDialCodes, DialCodes, load_dial_codes
from tests.web.floor_double import AGENT, FloorDouble

ACCOUNT = "a" + "0" * 15
REASONS = (
    PauseReason("break", "Istirahat", "Break", "1", 60),
    PauseReason("prayer", "Salat", "Prayer", "2", 20),
)


class _Phones:
    """Remembers what was done to legs."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.playbacks: list[str] = []

    def answer(self, channel: str) -> None:
        self.done.append(f"answer {channel}")

    def play(self, channel: str, playback: str, sounds: Sequence[str]) -> None:
        self.playbacks.append(playback)
        self.done.append(f"play {' '.join(sounds)} to {channel}")

    def hang_up(self, channel: str) -> None:
        self.done.append(f"hang up {channel}")


class _Floor(FloorDouble):
    """Knows who is on a call of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.own: set[tuple[str, str]] = set()

    def own_call(self, agent: str, leg: str) -> None:
        self.own.add((agent, leg))

    def own_call_over(self, agent: str, leg: str) -> None:
        self.own.remove((agent, leg))


class _Desk:
    """A desk with a phone, a floor and a clock in a test's hands."""

    def __init__(self) -> None:
        self.phones, self.floor, self.now = _Phones(), _Floor(), 0.0
        self.later: list[tuple[float, Callable[[], None]]] = []
        parts = DeskParts(
            self.phones,
            self.floor,
            {ACCOUNT: AGENT}.get,
            lambda prompt: [prompt],
            lambda: self.now,
            lambda seconds, function: self.later.append((seconds, function)),
        )
        self.calls = DeskCalls(parts, load_dial_codes(REASONS))

    def presses(self, keys: str, leg: str = "leg-1") -> None:
        for key in keys:
            self.calls.pressed(leg, ACCOUNT, key)

    @property
    def asked(self) -> list[object]:
        return [request for _, request in self.floor.asked]


@pytest.fixture
def desk() -> _Desk:
    return _Desk()


@pytest.mark.parametrize(
    ("code", "request_", "prompt"),
    [
        ("*10", SignIn(AGENT, ACCOUNT), "desk_signed_in"),
        ("*11", Ready(AGENT), "desk_ready"),
        ("*122", Pause(AGENT, "prayer"), "desk_paused"),
        ("*13", SignOut(AGENT), "desk_signed_out"),
        ("*14", EndWrapUp(AGENT), "desk_wrap_up_over"),
    ],
)
def test_a_dialled_code_is_answered_performed_told_and_hung_up(
    desk: _Desk, code: str, request_: object, prompt: str
) -> None:
    desk.calls.dialled("17.1", ACCOUNT, code)
    assert desk.floor.asked == [(Actor(AGENT, Role.AGENT), request_)]
    assert desk.phones.done == ["answer 17.1", f"play {prompt} to 17.1"]
    assert desk.floor.own == {(AGENT, "17.1")}, "nothing is offered while the phone is taken"
    desk.calls.playback_ended(desk.phones.playbacks[0])
    assert desk.phones.done[-1] == "hang up 17.1"
    desk.calls.gone("17.1")
    desk.calls.gone("17.1")
    assert not desk.floor.own


@pytest.mark.parametrize("code", ["*12", "*129", "*99", "1500200", "", "*", "*2"])
def test_an_unknown_code_changes_nothing_and_says_so(desk: _Desk, code: str) -> None:
    desk.calls.dialled("17.1", ACCOUNT, code)
    assert desk.floor.asked == []
    assert desk.phones.done[-1] == f"play {UNKNOWN} to 17.1"


def test_a_phone_whose_account_is_nobodys_asks_nothing(desk: _Desk) -> None:
    desk.calls.dialled("17.1", "a" + "1" * 15, "*11")
    assert desk.floor.asked == []
    assert desk.phones.done == ["answer 17.1", "hang up 17.1"]


def test_a_refusal_is_told(desk: _Desk) -> None:
    desk.floor.refuse = Refused("bad_target", "")
    desk.calls.dialled("17.1", ACCOUNT, "*11")
    assert desk.phones.done[-1] == f"play {REFUSED} to 17.1"


def test_a_pause_during_a_call_is_said_to_come_after_it(desk: _Desk) -> None:
    desk.floor.change(AGENT, declared="ready", observed="talking")
    desk.calls.dialled("17.1", ACCOUNT, "*121")
    assert desk.phones.done[-1] == f"play {AFTER_CALL} to 17.1"


def test_a_call_whose_prompt_never_ends_is_hung_up_all_the_same(desk: _Desk) -> None:
    desk.calls.dialled("17.1", ACCOUNT, "*11")
    ((seconds, function),) = desk.later
    function()
    assert seconds == LONGEST_CALL
    assert desk.phones.done[-1] == "hang up 17.1"


@pytest.mark.parametrize(
    ("keys", "request_"),
    [
        ("*8", EndCall(AGENT)),
        ("*3122#", Transfer(AGENT, Target(skill="efin", tier=Tier.B))),
        ("*4090000002#", Consult(AGENT, Target(agent="90000002"))),
        ("55*3*8", EndCall(AGENT)),  # begun anew
    ],
)
def test_keys_of_a_talk_make_a_request(desk: _Desk, keys: str, request_: object) -> None:
    desk.floor.change(AGENT, observed="talking")
    desk.presses(keys)
    assert desk.asked == [request_]


def test_hold_and_unhold_take_turns_and_only_hold_is_spoken(desk: _Desk) -> None:
    desk.floor.change(AGENT, observed="talking")
    desk.presses("*2")
    desk.floor.change(AGENT, observed="holding")
    desk.presses("*2")
    assert desk.asked == [Hold(AGENT), Unhold(AGENT)]
    assert desk.phones.done == ["play desk_held to leg-1"]


def test_keys_that_come_too_slowly_are_no_code(desk: _Desk) -> None:
    desk.presses("*")
    desk.now += BETWEEN_KEYS + 0.1
    desk.presses("8")
    assert desk.asked == []


def test_the_keys_of_two_legs_do_not_mix(desk: _Desk) -> None:
    desk.presses("*", "leg-1")
    desk.presses("8", "leg-2")
    assert desk.asked == []
    desk.presses("8", "leg-1")
    assert desk.asked == [EndCall(AGENT)]


@pytest.mark.parametrize("keys", ["*3999#", "*3#", "*30#", "*9", "*1"])
def test_keys_that_mean_nothing_are_said_to(desk: _Desk, keys: str) -> None:
    desk.presses(keys)
    assert desk.asked == []
    assert desk.phones.done == [f"play {UNKNOWN} to leg-1"]


def test_a_new_table_of_reasons_counts_at_once(desk: _Desk) -> None:
    desk.calls.adopt([PauseReason("meeting", "Rapat", "Meeting", "2", 60)])
    desk.calls.dialled("17.1", ACCOUNT, "*122")
    assert desk.asked == [Pause(AGENT, "meeting")]


@pytest.fixture(scope="module")
def shipped() -> Skillbook:
    return load_folder()


def test_every_shipped_target_is_a_skill_there_is_and_every_skill_has_its_targets(shipped: Skillbook) -> None:
    codes = load_dial_codes(shipped.reasons.values())
    found = {(target.skill, str(target.tier)) for target in codes._targets.values()}
    assert found == {(skill, tier) for skill in shipped.skills for tier in "ABC"}


def test_every_shipped_reason_with_a_digit_can_be_dialled(shipped: Skillbook) -> None:
    codes = load_dial_codes(shipped.reasons.values())
    digits = {reason.digit: name for name, reason in shipped.reasons.items() if reason.digit}
    assert len(digits) > 3
    for digit, name in digits.items():
        wish = codes.dialled(f"*12{digit}")
        assert wish is not None
        assert wish.reason == name


def test_every_prompt_is_in_the_catalogue_in_both_languages(shipped: Skillbook) -> None:
    library = Library.load(Path(__file__).parents[2] / "prompts")
    said = load_dial_codes(shipped.reasons.values())._said.values()
    for prompt in {*said, REFUSED, UNKNOWN, AFTER_CALL, *REFUSALS.values()}:
        assert library.languages(prompt) == {"id", "en"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"dialled": {"10": "sign_in"}}, r"dialled: 10: write \*"),
        ({"dialled": {"*10": "dance"}}, r"dialled: \*10: dance: unknown"),
        ({"dialled": {"*12": "pause"}}, "R goes with pause"),
        ({"pressed": {"*3": "transfer"}}, "T with a target"),
        ({"pressed": {"*3T": "transfer", "*31": "hold"}}, r"\*31 begins with it"),
        ({"targets": {"0": "queue:efin"}}, "targets: 0: write up to six digits"),
        ({"targets": {"1": "efin"}}, "targets: 1: efin: The target is none of"),
        ({"said": {"dance": "desk_ready"}}, "said: dance: no code means this"),
    ],
)
def test_a_broken_table_is_refused_by_line(change: dict[str, dict[str, str]], said: str) -> None:
    table: dict[str, dict[str, str]] = {"dialled": {}, "pressed": {}, "said": {}, "targets": {}, **change}
    with pytest.raises(BadDialCodes, match=said):
        DialCodes(table, REASONS)
    assert FILE.name == "dial_codes.yaml"
