"""The laws of outbound dialling, each with its name: told the joined ledgers, it yields what breaks it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.ledger_book import AttemptRow, Book, FarCall, Joined
from bench.ledger_laws_who import LAWS_WHO, Law

ANSWERED = frozenset({"talked", "abandoned", "hung_up_early", "answered_late", "machine"})
FINISHED = frozenset({"ended", "not_sent", "flagged"})
UNCOUNTED = frozenset({"refused_by_guard"})
MOVES = {
    "": {"intent"},
    "intent": {"dialing", "not_sent"},
    "dialing": {"answered", "unknown", "ended", "not_sent", "flagged"},
    "unknown": {"dialing", "answered", "ended", "flagged"},
    "answered": {"answered", "ended", "flagged"},  # joined with an agent; the agent's disposition
    "ended": {"ended"},
    "flagged": {"flagged"},
    "not_sent": set(),
}
CROSSING = 1.5  # seconds within which what both ends say may cross on the way


@dataclass(frozen=True, slots=True)
class Breach:
    """One time that a law was broken."""

    law: str
    what: str


def check(book: Book) -> Sequence[Breach]:
    """Return every breach of every law."""
    joined = Joined.of(book)
    return [Breach(law.name, what) for law in LAWS for what in law.breaches(joined)]


# ---- Once


def _twice(on: Joined) -> Iterator[str]:
    for attempt_id, calls in on.far_of.items():
        if len({call.call_id for call in calls}) > 1:
            yield attempt_id


def _call_ids(on: Joined) -> Iterator[str]:
    seen: set[str] = set()
    for call in on.book.far:
        if call.call_id in seen:
            yield call.call_id[:12]
        seen.add(call.call_id)


def _strangers(on: Joined) -> Iterator[str]:
    for call in on.strangers:
        yield f"INVITE at {call.at:.3f}"


def _orphan_rows(on: Joined) -> Iterator[str]:
    yield from ((on.dials.keys() | on.ends.keys() | on.events.keys()) - on.attempts.keys())


def _before_word(on: Joined) -> Iterator[str]:
    for attempt_id, calls in on.far_of.items():
        sent = on.attempts[attempt_id].sent
        if not sent or any(call.at < sent for call in calls):
            yield attempt_id


def _not_sent(on: Joined) -> Iterator[str]:
    for row in on.attempts.values():
        never = row.state in {"intent", "not_sent"} or row.outcome in UNCOUNTED
        if never and (on.far_of.get(row.attempt_id) or on.dials.get(row.attempt_id)):
            yield row.attempt_id


def _after_end(on: Joined) -> Iterator[str]:
    for attempt_id, calls in on.far_of.items():
        ended = on.attempts[attempt_id].ended
        if ended and any(call.at > ended + CROSSING for call in calls):
            yield attempt_id


def _one_dial(on: Joined) -> Iterator[str]:
    yield from (one for one, rows in on.dials.items() if len(rows) != 1)


def _one_cel_end(on: Joined) -> Iterator[str]:
    yield from (one for one, rows in on.ends.items() if len(rows) != 1)
    yield from on.dials.keys() - on.ends.keys()


def _invite_without_dial(on: Joined) -> Iterator[str]:
    for attempt_id, calls in on.far_of.items():
        rows = on.dials.get(attempt_id, ())
        if not any(abs(row.at - call.at) <= on.book.rules.ring for row in rows for call in calls):
            yield attempt_id


def _dial_without_invite(on: Joined) -> Iterator[str]:
    for attempt_id, rows in on.dials.items():
        cancelled = all(end.status == "CANCEL" for end in on.ends.get(attempt_id, ()))
        if rows and not on.far_of.get(attempt_id) and not cancelled:
            yield attempt_id


def _overlap(rows: Iterable[AttemptRow], key: Callable[[AttemptRow], str]) -> Iterator[str]:
    by_key: dict[str, list[AttemptRow]] = {}
    for row in sorted(rows, key=lambda one: one.intended):
        by_key.setdefault(key(row), []).append(row)
    for own in by_key.values():
        for earlier, later in pairwise(own):
            if not earlier.ended or later.intended < earlier.ended:
                yield later.attempt_id


# ---- The end


def _unfinished(on: Joined) -> Iterator[str]:
    yield from (row.attempt_id for row in on.attempts.values() if row.state not in FINISHED or not row.ended)


def _ends(on: Joined) -> Iterator[str]:
    for row in on.attempts.values():
        trail = sorted(on.events.get(row.attempt_id, ()), key=lambda one: one.step)
        states = ["", *(one.state for one in trail)]
        if sum(later in FINISHED and later != earlier for earlier, later in pairwise(states)) != 1:
            yield row.attempt_id


def _trail(on: Joined) -> Iterator[str]:
    for row in on.attempts.values():
        trail = sorted(on.events.get(row.attempt_id, ()), key=lambda one: one.step)
        states = ["", *(one.state for one in trail)]
        ordered = all(later in MOVES[earlier] for earlier, later in pairwise(states))
        steps = [one.step for one in trail] == list(range(len(trail)))
        if not (ordered and steps and states[-1] == row.state):
            yield row.attempt_id


def _times(on: Joined) -> Iterator[str]:
    for row in on.attempts.values():
        told = [at for at in (row.intended, row.sent, row.answered, row.ended) if at]
        if told != sorted(told):
            yield row.attempt_id


def _flagged(on: Joined) -> Iterator[str]:
    for row in on.attempts.values():
        if (row.outcome == "lost") is not (row.state == "flagged"):
            yield row.attempt_id


# ---- Outcomes


def _of_far(on: Joined) -> Iterator[tuple[AttemptRow, FarCall]]:
    for attempt_id, calls in on.far_of.items():
        if on.attempts[attempt_id].state == "ended":
            yield on.attempts[attempt_id], calls[0]


def _crossed(call: FarCall) -> bool:
    """Whether our end gave up while the far end's word was on its way."""
    by_us = call.ended_at if call.ended_by_us else 0.0
    return any(at and at - call.status_at < CROSSING for at in (call.cancelled_at, by_us))


def _answered_is_answered(on: Joined) -> Iterator[str]:
    for row, call in _of_far(on):
        live = call.status == 200 and call.confirmed and not call.silent
        if live and row.outcome not in ANSWERED and not _crossed(call):
            yield f"{row.attempt_id}: {call.did}, on record {row.outcome}"


def _unanswered_is_unanswered(on: Joined) -> Iterator[str]:
    for row, call in _of_far(on):
        if call.status != 200 and (row.outcome in ANSWERED or row.answered):
            yield f"{row.attempt_id}: {call.did}, on record {row.outcome}"


def _status(on: Joined) -> Iterator[str]:
    for row, call in _of_far(on):
        if call.status < 300 or call.silent:
            continue
        ours = any(end.status == "CANCEL" for end in on.ends.get(row.attempt_id, ()))
        fits = {on.book.rules.statuses.get(call.status, "failed")} | ({"cancelled"} if ours else set())
        if row.outcome not in fits:
            yield f"{row.attempt_id}: {call.status}, on record {row.outcome}"


def _silence(on: Joined) -> Iterator[str]:
    for row, call in _of_far(on):
        if call.silent and row.outcome not in {"no_answer", "cancelled", "answered_late"}:
            yield f"{row.attempt_id}: {call.did}, on record {row.outcome}"


def _cel_agrees(on: Joined) -> Iterator[str]:
    for row in on.attempts.values():
        statuses = {end.status for end in on.ends.get(row.attempt_id, ())}
        if row.state != "ended" or not statuses:
            continue
        if ("ANSWER" in statuses) is not (row.outcome in ANSWERED):
            yield f"{row.attempt_id}: CEL {'/'.join(sorted(statuses))}, on record {row.outcome}"


def _cel_and_far(on: Joined) -> Iterator[str]:
    for attempt_id, calls in on.far_of.items():
        statuses = {end.status for end in on.ends.get(attempt_id, ())}
        if "ANSWER" in statuses and calls[0].status != 200:
            yield f"{attempt_id}: CEL ANSWER, the far end {calls[0].did}"


def _out_of_nothing(on: Joined) -> Iterator[str]:
    for row in on.attempts.values():
        if row.state == "ended" and row.attempt_id not in on.ends:
            yield f"{row.attempt_id}: {row.outcome}"


LAWS: Sequence[Law] = (
    Law("dialled_once", "No number is dialled twice within an attempt.", _twice),
    Law("call_ids_once", "No SIP call id comes twice.", _call_ids),
    Law("invite_has_row", "No INVITE without an attempt on record.", _strangers),
    Law("rows_have_attempts", "No row of CEL or of the trail without its attempt.", _orphan_rows),
    Law("word_before_deed", "The attempt was on record as being sent before its INVITE.", _before_word),
    Law("not_sent_not_dialled", "What is on record as not sent was not sent.", _not_sent),
    Law("no_invite_after_end", "No INVITE after the end of its attempt.", _after_end),
    Law("one_dial_row", "Asterisk dialled once in an attempt.", _one_dial),
    Law("one_cel_end", "Each dial of Asterisk has one end.", _one_cel_end),
    Law("invite_has_dial", "No INVITE that Asterisk does not know of.", _invite_without_dial),
    Law("dial_has_invite", "What Asterisk dialled reached the far end.", _dial_without_invite),
    Law("one_number_at_once", "At most one attempt of a number at a time.",
        lambda on: _overlap(on.book.attempts, lambda row: row.number)),
    Law("one_taxpayer_at_once", "At most one attempt of a taxpayer at a time.",
        lambda on: _overlap(on.book.attempts, lambda row: row.taxpayer)),
    Law("all_finished", "Every attempt is finished: UNKNOWN is resolved or flagged.", _unfinished),
    Law("one_end", "Exactly one end of each attempt on the trail.", _ends),
    Law("trail_whole", "The trail is whole, its states follow each other, the last is the row's.", _trail),
    Law("times_in_order", "Intended, sent, answered, ended, in this order.", _times),
    Law("flagged_is_lost", "Lost is who is flagged, and nobody else.", _flagged),
    Law("answered_on_record", "Who answered is on record as answered.", _answered_is_answered),
    Law("unanswered_on_record", "Who did not answer is not on record so.", _unanswered_is_unanswered),
    Law("status_on_record", "A refusal of the far end is on record as the table has it.", _status),
    Law("silence_on_record", "Who never said a word is on record as not reached.", _silence),
    Law("cel_and_record", "CEL and record agree who answered.", _cel_agrees),
    Law("cel_and_far", "CEL and far end agree who answered.", _cel_and_far),
    Law("no_invented_end", "Every outcome on record has an end in CEL.", _out_of_nothing),
    *LAWS_WHO,
)  # fmt: skip
"""All laws."""
