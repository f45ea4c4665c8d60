"""Who may hear which recording, what for, by which link, and whose comments they read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from desk.matter_data import TableProblem
from domain.staff import Reach
from recording.listening import (
    Audience,
    Comment,
    Listener,
    Playback,
    Refusal,
    Subject,
    Use,
    audiences,
    link_refusal,
    may_comment,
    purposes,
    refusal,
    sees,
)
from recording.listening_rules import DATA, Purpose, load_listening_rules
from recording.recordings import Mark, MarkKind, Mode, Recording
from recording.states import State
from web.listen_models import marks_of

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
RULES = load_listening_rules().at(NOW)
RECORDING = Recording(
    "a" * 32, "c" * 32, 1, "chan", "in", "efin", "", "90000001", "id", Mode.ALWAYS, State.SEALED, NOW
)
SUBJECT = Subject(RECORDING, {"90000001": "alfa", "90000002": "beta"}, frozenset({"90000001"}))
REVIEW = "review_work"


def listener(reach: Reach | None, *powers: str, number: str = "", team: str = "") -> Listener:
    return Listener("s" * 32, "session-1", number, team, reach, frozenset(powers))


AGENT = listener(Reach.OWN, number="90000001", team="alfa")
LEADER = listener(Reach.TEAM, team="alfa")
SUPERVISOR = listener(Reach.ALL)
REVIEWER = listener(Reach.ALL, REVIEW)
LEAD = listener(Reach.ALL, REVIEW, "appeal_decide")
OFFICER = listener(Reach.OWN, "person_file")
CASE = replace(SUBJECT, in_case=True)  # a person's request that is worked on is about it


@pytest.mark.parametrize(
    ("who", "refused"),
    [
        (AGENT, None),
        (replace(AGENT, number="90000002"), Refusal.NOT_SCORED),  # took part, was not scored
        (replace(AGENT, number="90000003"), Refusal.NOT_YOURS),
        (replace(AGENT, number=""), Refusal.NOT_YOURS),
        (LEADER, None),
        (replace(LEADER, team="beta"), None),  # the call was transferred to that team
        (replace(LEADER, team="gamma"), Refusal.NOT_YOURS),
        (replace(LEADER, team=""), Refusal.NOT_YOURS),
        (SUPERVISOR, None),
        (replace(SUPERVISOR, is_person=False), Refusal.NO_PERSON),
        (OFFICER, Refusal.NOT_YOURS),  # nobody asked for anything
        (listener(None), Refusal.NOT_YOURS),
    ],
)
def test_whose_recordings_somebody_hears(who: Listener, refused: Refusal | None) -> None:
    assert refusal(who, SUBJECT) == refused


def test_who_answers_requests_hears_what_one_is_about_and_nothing_else() -> None:
    assert refusal(OFFICER, CASE) is None
    assert refusal(replace(OFFICER, is_person=False), CASE) is Refusal.NO_PERSON
    restricted = replace(CASE, restricted=True)
    assert refusal(OFFICER, restricted) is None
    both = listener(Reach.ALL, REVIEW, "person_file")
    for who in (AGENT, LEADER, SUPERVISOR, REVIEWER, LEAD):
        assert refusal(who, restricted) is Refusal.RESTRICTED
        assert "person_request" not in purposes(who, CASE, RULES)
    for who in (OFFICER, both):  # under restriction for that purpose only
        assert purposes(who, restricted, RULES) == ["person_request"]
    assert "person_request" not in purposes(both, SUBJECT, RULES)


def test_a_team_that_is_unknown_is_nobodys() -> None:
    unknown = Subject(RECORDING, {"90000001": ""}, frozenset())
    assert refusal(replace(LEADER, team=""), unknown) is Refusal.NOT_YOURS


@pytest.mark.parametrize(
    ("who", "use", "wanted"),
    [
        (AGENT, Use.PLAY, ["review", "appeal"]),
        (LEADER, Use.PLAY, ["review", "appeal", "coaching", "complaint"]),
        (SUPERVISOR, Use.PLAY, ["review", "appeal", "coaching", "complaint"]),
        (REVIEWER, Use.PLAY, ["review", "appeal", "calibration", "coaching", "complaint"]),
        (OFFICER, Use.PLAY, ["person_request"]),
        (OFFICER, Use.DOWNLOAD, ["person_request"]),
        (LEAD, Use.DOWNLOAD, ["appeal", "complaint"]),
        (REVIEWER, Use.DOWNLOAD, []),
        (listener(None, REVIEW), Use.PLAY, []),
    ],
)
def test_what_somebody_may_give_as_a_purpose(who: Listener, use: Use, wanted: list[str]) -> None:
    assert [one.value for one in purposes(who, CASE, RULES, use)] == wanted


def playback(**changes: object) -> Playback:
    given = Playback("b" * 32, "a" * 32, "c" * 32, "s" * 32, "session-1", Purpose.REVIEW, Use.PLAY, NOW)
    return replace(given, **changes)  # type: ignore[arg-type]


def refused(given: Playback | None, after: timedelta = timedelta(), use: Use = Use.PLAY) -> Refusal | None:
    return link_refusal(given, REVIEWER, "a" * 32, use, NOW + after, RULES)


def test_a_link_is_opened_within_a_minute_by_whom_it_was_given_to() -> None:
    assert refused(playback()) is None
    assert refused(playback(), timedelta(seconds=59.9)) is None
    assert refused(playback(), timedelta(seconds=60)) is Refusal.EXPIRED
    assert refused(playback(), -timedelta(seconds=6)) is Refusal.CLOSED  # the clock was set back
    assert refused(None) is Refusal.UNKNOWN
    assert refused(playback(recording_id="d" * 32)) is Refusal.UNKNOWN
    assert refused(playback(staff_id="t" * 32)) is Refusal.UNKNOWN
    assert refused(playback(use=Use.DOWNLOAD)) is Refusal.UNKNOWN
    assert refused(playback(), use=Use.DOWNLOAD) is Refusal.UNKNOWN
    assert refused(playback(session_id="session-2")) is Refusal.OTHER_SESSION
    assert refused(playback(closed_at=NOW)) is Refusal.CLOSED


def test_an_opened_playback_goes_on_until_it_is_left_alone_or_too_old() -> None:
    opened = playback(opened_at=NOW, last_at=NOW)
    assert refused(opened, RULES.idle - timedelta(seconds=1)) is None
    assert refused(opened, RULES.idle) is Refusal.CLOSED
    busy = playback(opened_at=NOW, last_at=NOW + RULES.longest - timedelta(seconds=2))
    assert refused(busy, RULES.longest - timedelta(seconds=1)) is None
    assert refused(busy, RULES.longest) is Refusal.CLOSED
    copied = playback(opened_at=NOW, last_at=NOW, use=Use.DOWNLOAD)
    assert refused(copied, use=Use.DOWNLOAD) is Refusal.USED


def comment(audience: Audience, by: str = "t" * 32) -> Comment:
    return Comment("e" * 32, "a" * 32, 0, 1000, by, NOW, audience, "…")


@pytest.mark.parametrize(
    ("who", "wanted"),
    [
        (AGENT, {Audience.AGENT}),
        (LEADER, {Audience.AGENT, Audience.LEADERS}),
        (SUPERVISOR, {Audience.AGENT, Audience.LEADERS}),
        (REVIEWER, set(Audience)),
    ],
)
def test_whose_comments_somebody_reads(who: Listener, wanted: set[Audience]) -> None:
    read = {one for one in Audience if sees(comment(one), who, review_word=REVIEW, alone=False)}
    assert read == wanted


def test_who_works_blind_reads_only_what_they_wrote_themselves() -> None:
    for who, audience in product((AGENT, LEADER, SUPERVISOR, REVIEWER, LEAD), Audience):
        assert not sees(comment(audience), who, review_word=REVIEW, alone=True)
        own = comment(audience, who.staff_id)
        assert sees(own, who, review_word=REVIEW, alone=True)


def test_who_writes_comments_and_for_whom() -> None:
    assert not may_comment(AGENT)
    assert may_comment(LEADER)
    assert list(audiences(LEADER, REVIEW)) == [Audience.LEADERS, Audience.AGENT]
    assert list(audiences(REVIEWER, REVIEW)) == list(Audience)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("link_s: 60", "link_s: 61"), "60 seconds at most"),
        (("idle_s: 1800", "idle_s: 0"), "at least 1"),
        (("coaching:", "curiosity:"), "curiosity"),
        (("reaches: [team, all]", "reaches: []"), "names nobody"),
        (("reaches: [team, all]", "reaches: [everybody]"), "everybody"),
    ],
)
def test_a_mistake_in_the_table_is_told(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    text = (DATA / "listening.yaml").read_text("utf-8")
    assert change[0] in text
    (tmp_path / "listening.yaml").write_text(text.replace(*change, 1), "utf-8")
    with pytest.raises(TableProblem, match=told):
        load_listening_rules(tmp_path)


def test_marks_say_where_another_agent_begins_to_talk() -> None:
    marks = [
        Mark(MarkKind.NOTICE, 0, None, "notice id"),
        Mark(MarkKind.TALK, 0, 40_000, "90000001"),
        Mark(MarkKind.HOLD, 10_000, 12_000),
        Mark(MarkKind.TALK, 41_000, 60_000, "90000001"),  # the same one rejoined
        Mark(MarkKind.CONSULT, 50_000, 60_000),
        Mark(MarkKind.TALK, 60_000, None, "90000002"),
    ]
    shown = [(one.kind, one.from_ms, one.until_ms) for one in marks_of(marks, 90_000)]
    assert shown == [
        (MarkKind.NOTICE, 0, 0),
        (MarkKind.HOLD, 10_000, 12_000),
        (MarkKind.CONSULT, 50_000, 60_000),
        (MarkKind.TALK, 60_000, 60_000),
    ]
    assert "9000000" not in str(marks_of(marks, 90_000))  # staff numbers are not told
