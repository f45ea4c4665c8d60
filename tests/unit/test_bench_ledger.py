"""The checker of the ledger proof is itself checked: every kind of tampered ledger is found by its law."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

import pytest

from bench.ledger_book import (
    AttemptRow,
    Book,
    CampaignRow,
    EventRow,
    FarCall,
    Joined,
    LeadRow,
    Limits,
    ListRow,
    Rules,
)
from bench.ledger_laws import LAWS, check
from service.outbound_ledger import LedgerRow

NINE = 1_780_538_400.0  # 2026-06-04 02:00 UTC, a Thursday: 09.00 WIB
DAY = 86400.0
TODAY = int((NINE + 7 * 3600) // DAY)
RULES = Rules(
    offsets={"wib": 7 * 3600.0, "wita": 8 * 3600.0, "wit": 9 * 3600.0},
    days=frozenset({TODAY}),
    taxpayer=Limits(12, 3, 3),
    rest=72 * 3600.0,
    lines=3,
    caller="1500200",
    statuses={486: "busy", 404: "not_in_service", 503: "congestion"},
    ring=15.0,
    switched_off=((NINE + 5000, NINE + 5100),),
)
CAMPAIGN = CampaignRow(
    "c1",
    Limits(6, 2, 2),
    8 * 3600.0,
    16 * 3600.0,
    2,
    {"busy": 60.0, "no_answer": 60.0},
    ((NINE - 10, NINE + 4000), (NINE + 4500, NINE + 9000)),
)
OTHER = replace(CAMPAIGN, campaign_id="c2")


def _tried(n: int, begun: float, how: str, of: int = 0, campaign: str = "c1") -> Book:
    """One whole attempt in all three ledgers; `of`: the taxpayer, where it is not the n-th."""
    who = of or n
    status, sent, word, over = 0, begun + 0.1, begun + 2.0, begun + 4.0
    outcome, cel, states = "no_answer", "NOANSWER", ["intent", "dialing", "ended"]
    if how in {"busy", "not_in_service"}:
        status, outcome, cel, over = (486 if how == "busy" else 404), how, "BUSY", word
    elif how in {"talked", "abandoned"}:
        status, outcome, cel, states = 200, how, "ANSWER", ["intent", "dialing", "answered", "ended"]
    elif how == "lost":
        outcome, states = "lost", ["intent", "dialing", "unknown", "flagged"]
    attempt = f"{n:032x}"
    answered = status == 200
    call = FarCall(
        begun + 0.3, f"n{who}", f"call-{n}", "1500200", how, True, status, word if status else 0.0,
        bool(status), 0.0 if status else over, over if answered else 0.0,
    )  # fmt: skip
    row = AttemptRow(
        attempt, campaign, who + (1000 if campaign == "c2" else 0), f"t{who}", f"n{who}", states[-1], outcome,
        begun, sent, word if answered else 0.0, over + 0.3,
    )  # fmt: skip
    lead = LeadRow(row.lead_id, campaign, "l1", f"t{who}", (f"n{who}", f"m{who}"), "wib", False)
    trail = [EventRow(attempt, step, begun + step, state) for step, state in enumerate(states)]
    cel_rows = (LedgerRow(begun + 0.2, "DIAL", attempt), LedgerRow(over + 0.1, "END", attempt, cel, 16))
    return Book(RULES, [call], cel_rows, [row], trail, [lead], [], [], [])


def _clean() -> Book:
    parts = [
        _tried(1, NINE, "busy"),
        _tried(2, NINE + 10, "talked"),
        _tried(3, NINE + 20, "no_answer"),
        _tried(4, NINE + 30, "abandoned"),
        _tried(5, NINE + 40, "lost"),
        _tried(6, NINE + 200, "busy", of=1),  # a second time, after its spacing
        _tried(7, NINE + 300, "no_answer", of=3, campaign="c2"),
        _tried(8, NINE + 310, "not_in_service"),
        _tried(9, NINE + 4600, "talked"),  # after the pause
    ]
    unsent = AttemptRow(
        f"{10:032x}", "c1", 11, "t11", "n11", "not_sent", "", NINE + 50, 0.0, 0.0, NINE + 50.2
    )
    trail = [EventRow(unsent.attempt_id, step, NINE, one) for step, one in enumerate(("intent", "not_sent"))]
    leads = {lead.lead_id: lead for part in parts for lead in part.leads}
    leads[11] = LeadRow(11, "c1", "l1", "t11", ("n11",), "wit", False)
    leads[12] = LeadRow(12, "c1", "l1", "t12", ("n12",), "wib", True)
    return Book(
        RULES,
        [call for part in parts for call in part.far],
        [row for part in parts for row in part.cel],
        [*(row for part in parts for row in part.attempts), unsent],
        [*(event for part in parts for event in part.events), *trail],
        list(leads.values()),
        [ListRow("l1", "staff-1", "staff-2", NINE - 100)],
        [CAMPAIGN, OTHER],
        [("t99", NINE - 50)],
    )


CLEAN = _clean()


def _swap(rows: Sequence[Any], place: int, **changes: Any) -> list[Any]:
    return [replace(row, **changes) if n == place else row for n, row in enumerate(rows)]


def _far(place: int, **changes: Any) -> Callable[[Book], Book]:
    return lambda book: replace(book, far=_swap(book.far, place, **changes))


def _row(place: int, **changes: Any) -> Callable[[Book], Book]:
    return lambda book: replace(book, attempts=_swap(book.attempts, place, **changes))


def _without(name: str, place: int) -> Callable[[Book], Book]:
    def cut(book: Book) -> Book:
        rows = list(getattr(book, name))
        del rows[place]
        changed: dict[str, Any] = {name: rows}
        return replace(book, **changed)

    return cut


def _with(*more: Book) -> Callable[[Book], Book]:
    names = ("far", "cel", "attempts", "events")

    def add(book: Book) -> Book:
        changed: dict[str, Any] = {
            name: [*getattr(book, name), *(r for m in more for r in getattr(m, name))] for name in names
        }
        known = {lead.lead_id for lead in book.leads}
        leads = [lead for m in more for lead in m.leads if lead.lead_id not in known]
        return replace(book, leads=[*book.leads, *leads], **changed)

    return add


def _every(*changes: Callable[[Book], Book]) -> Callable[[Book], Book]:
    def all_of(book: Book) -> Book:
        for change in changes:
            book = change(book)
        return book

    return all_of


def _lead(place: int, **changes: Any) -> Callable[[Book], Book]:
    return lambda book: replace(book, leads=_swap(book.leads, place, **changes))


def _list(**changes: Any) -> Callable[[Book], Book]:
    return lambda book: replace(book, lists=_swap(book.lists, 0, **changes))


def _again(book: Book) -> Book:
    return replace(book, far=[*book.far, replace(book.far[1], call_id="call-x", at=book.far[1].at + 1)])


def _moved(book: Book, place: int, by: float) -> Book:
    """Shift one attempt in all ledgers."""
    row, call = book.attempts[place], book.far[place]
    own = row.attempt_id

    def later(one: Any) -> Any:
        names = {f.name for f in fields(one)} & {
            "at", "intended", "sent", "answered", "ended", "status_at", "cancelled_at", "ended_at",
        }  # fmt: skip
        return replace(one, **{name: getattr(one, name) + by for name in names if getattr(one, name)})

    return replace(
        book,
        attempts=[later(one) if one is row else one for one in book.attempts],
        far=[later(one) if one is call else one for one in book.far],
        cel=[later(one) if one.attempt_id == own else one for one in book.cel],
        events=[later(one) if one.attempt_id == own else one for one in book.events],
    )


def _event(book: Book, attempt: int, state: str) -> Book:
    own = [one for one in book.events if one.attempt_id == book.attempts[attempt].attempt_id]
    more = EventRow(own[0].attempt_id, len(own), own[-1].at + 1, state)
    return replace(book, events=[*book.events, more])


def _wide(book: Book) -> Book:
    """Windows and days wide open, so that only one law can be broken by a later time."""
    days = frozenset(range(TODAY - 100, TODAY + 100))
    open_all_day = [replace(one, opens=0.0, closes=DAY, runs=((0.0, 2 * NINE),)) for one in book.campaigns]
    return replace(book, rules=replace(book.rules, days=days), campaigns=open_all_day)


LAWS_BY_NAME = {law.name: law for law in LAWS}
Mutation = tuple[str, Callable[[Book], Book]]
MUTATIONS: dict[str, Mutation] = {
    "an INVITE comes twice": ("dialled_once", _again),
    "a SIP call id comes twice": ("call_ids_once", lambda b: replace(b, far=[*b.far, b.far[0]])),
    "a row of the record is gone": ("rows_have_attempts", _without("attempts", 0)),
    "an INVITE without a row": (
        "invite_has_row",
        lambda b: replace(b, far=[*b.far, replace(b.far[0], number="n77", call_id="x")]),
    ),
    "an INVITE before the word": ("word_before_deed", _row(0, sent=NINE + 0.5)),
    "dialled, on record as not sent": ("not_sent_not_dialled", _row(0, state="not_sent", outcome="")),
    "an INVITE after the end": ("no_invite_after_end", _far(1, at=NINE + 100)),
    "Asterisk dialled twice": ("one_dial_row", lambda b: replace(b, cel=[*b.cel, b.cel[0]])),
    "two ends in CEL": ("one_cel_end", lambda b: replace(b, cel=[*b.cel, b.cel[1]])),
    "an end is missing in CEL": ("one_cel_end", _without("cel", 1)),
    "a DIAL row is missing": ("invite_has_dial", _without("cel", 0)),
    "a SIP call is missing": ("dial_has_invite", _without("far", 1)),
    "two attempts of a number at once": ("one_number_at_once", _with(_tried(20, NINE + 1, "busy", of=1))),
    "two attempts of a taxpayer at once": ("one_taxpayer_at_once", _row(1, taxpayer="t1", intended=NINE + 1)),
    "an attempt is never finished": ("all_finished", _row(4, state="unknown", outcome="", ended=0.0)),
    "two ends on the trail": ("one_end", lambda b: _event(b, 0, "flagged")),
    "a step of the trail is missing": ("trail_whole", _without("events", 1)),
    "the row is not what the trail says": ("trail_whole", _row(0, state="flagged", outcome="lost")),
    "ended before it was sent": ("times_in_order", _row(2, ended=NINE)),
    "lost and not flagged": ("flagged_is_lost", _row(0, outcome="lost")),
    "outcomes swapped: answered as busy": ("answered_on_record", _row(1, outcome="busy")),
    "outcomes swapped: busy as talked": ("unanswered_on_record", _row(0, outcome="talked")),
    "busy as not in service": ("status_on_record", _row(0, outcome="not_in_service")),
    "silence as busy": ("silence_on_record", _row(2, outcome="busy")),
    "CEL's end is changed": (
        "cel_and_record",
        lambda b: replace(b, cel=_swap(b.cel, 1, status="ANSWER")),
    ),
    "CEL has an answer that nobody gave": (
        "cel_and_far",
        lambda b: replace(b, cel=_swap(b.cel, 1, status="ANSWER")),
    ),
    "an end out of nothing": ("no_invented_end", _every(_without("cel", 1), _without("cel", 0))),
    "a time outside hours": ("inside_hours", lambda b: _moved(b, 8, 10 * 3600)),
    "a zone where it is evening": (
        "inside_hours",
        _every(_lead(0, zone="wit"), lambda b: _moved(b, 0, 6 * 3600)),
    ),
    "an unknown zone, too late in one": (
        "inside_hours",
        _every(_lead(0, zone="unknown"), lambda b: _moved(b, 0, 5.5 * 3600)),
    ),
    "a day off": ("no_day_off", lambda b: _moved(b, 0, DAY)),
    "a lead that nobody knows": ("known_lead", _row(0, lead_id=4711)),
    "another's number": ("own_number", _row(0, number="n2")),
    "the control group": ("control_not_called", _lead(0, control=True)),
    "a call after do-not-call": ("do_not_call", lambda b: replace(b, stops=[("t1", NINE + 100)])),
    "a call to a number after do-not-call": ("do_not_call", lambda b: replace(b, stops=[("n2", NINE)])),
    "a list that nobody approved": ("list_approved", _list(approved_by="", approved=0.0)),
    "a list approved too late": ("list_approved", _list(approved=NINE + 100)),
    "approved by who loaded it": ("second_person", _list(approved_by="staff-1")),
    "an expired list": ("list_in_force", _list(over=NINE + 100)),
    "a paused campaign": ("campaign_runs", lambda b: _moved(b, 0, 4200)),
    "the kill switch": ("kill_switch", lambda b: _moved(b, 8, 420)),
    "the campaign's cap by day": ("cap_day", _with(_tried(20, NINE + 400, "busy", of=1))),
    "the campaign's cap in 24 hours": (
        "cap_24h",
        _every(_wide, _with(_tried(20, NINE + 72000, "busy", of=1))),
    ),
    "the campaign's cap in all": (
        "cap_life",
        _every(_wide, _with(*(_tried(20 + n, NINE + n * DAY, "busy", of=1) for n in range(2, 7)))),
    ),
    "the taxpayer's cap by day": (
        "taxpayer_cap_day",
        _with(*(_tried(20 + n, NINE + 400 + n * 90, "busy", of=1, campaign="c2") for n in range(2))),
    ),
    "the taxpayer's cap in 24 hours": (
        "taxpayer_cap_24h",
        _every(
            _wide,
            _with(*(_tried(20 + n, NINE + 72000 + n * 90, "busy", of=1, campaign="c2") for n in range(2))),
        ),
    ),
    "the taxpayer's cap in all": (
        "taxpayer_cap_life",
        _every(
            _wide,
            _with(
                *(
                    _tried(20 + n, NINE + n * DAY, "busy", of=1, campaign=f"c{n % 2 + 1}")
                    for n in range(2, 14)
                )
            ),
        ),
    ),
    "no rest after an abandoned call": ("rest_kept", _with(_tried(20, NINE + 600, "busy", of=4))),
    "too soon after busy": ("spacing_kept", lambda b: _moved(b, 5, -150)),
    "another caller's number": ("caller_id", _far(0, caller="62811")),
    "not a subscriber's number": ("well_formed", _far(0, well_formed=False)),
    "more calls than lines": (
        "lines_kept",
        _with(*(_tried(20 + n, NINE + 500, "busy", campaign=f"c{n % 2 + 1}") for n in range(4))),
    ),
    "more calls than the campaign's lines": (
        "campaign_lines_kept",
        _with(*(_tried(20 + n, NINE + 500, "busy") for n in range(3))),
    ),
    "a number whose last call is still on": ("far_end_not_doubled", _far(0, ended_at=NINE + 300)),
}


def test_a_clean_ledger_breaks_no_law() -> None:
    assert check(CLEAN) == []


@pytest.mark.parametrize("kind", MUTATIONS)
def test_a_tampered_ledger_is_found(kind: str) -> None:
    law, mutate = MUTATIONS[kind]
    found = {breach.law for breach in check(mutate(CLEAN))}
    assert law in found, found


def test_every_law_is_broken_by_some_tampering_and_has_a_name_of_its_own() -> None:
    assert {law for law, _ in MUTATIONS.values()} == set(LAWS_BY_NAME)
    assert len(LAWS_BY_NAME) == len(LAWS)


def test_a_call_belongs_to_the_newest_attempt_of_its_number() -> None:
    joined = Joined.of(CLEAN)
    assert [len(joined.far_of[row.attempt_id]) for row in CLEAN.attempts[:9]] == [1] * 9
    assert joined.strangers == []
