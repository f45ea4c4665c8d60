"""Laws about who may be called, when and how often."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bench.ledger_book import AttemptRow, FarCall, Joined, LeadRow, Limits

RESTING = frozenset({"abandoned", "answered_late"})
UNCOUNTED = frozenset({"refused_by_guard"})
_DAY = 86400.0
_ROUNDING = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Law:
    """One law. `breaches` yields a line for each time that it was broken."""

    name: str
    text: str
    breaches: Callable[[Joined], Iterable[str]]


def _calls(on: Joined) -> Iterator[tuple[AttemptRow, FarCall, LeadRow]]:
    for attempt_id, calls in on.far_of.items():
        row = on.attempts[attempt_id]
        for call in calls:
            if row.lead_id in on.leads and row.campaign_id in on.campaigns:
                yield row, call, on.leads[row.lead_id]


def _sent(on: Joined) -> Iterator[AttemptRow]:
    """Yield attempts that count: all but those never sent and those that the dialplan refused."""
    for row in sorted(on.book.attempts, key=lambda one: one.intended):
        if row.state != "not_sent" and row.outcome not in UNCOUNTED:
            yield row


def _hours(on: Joined) -> Iterator[str]:
    for row, call, lead in _calls(on):
        campaign = on.campaigns[row.campaign_id]
        clocks = on.local(call.at, lead.zone)
        if not all(campaign.opens <= second < campaign.closes for _, second in clocks):
            yield f"{row.attempt_id}: {lead.zone}"


def _day_off(on: Joined) -> Iterator[str]:
    for row, call, lead in _calls(on):
        if not all(day in on.book.rules.days for day, _ in on.local(call.at, lead.zone)):
            yield f"{row.attempt_id}: {lead.zone}"


def _known(on: Joined) -> Iterator[str]:
    for row in on.attempts.values():
        lead = on.leads.get(row.lead_id)
        if row.campaign_id not in on.campaigns or lead is None or lead.list_id not in on.lists:
            yield row.attempt_id


def _own_number(on: Joined) -> Iterator[str]:
    for row in on.attempts.values():
        lead = on.leads.get(row.lead_id)
        own = lead is not None and row.taxpayer == lead.taxpayer and row.number in lead.numbers
        if not own or (lead is not None and lead.campaign_id != row.campaign_id):
            yield row.attempt_id


def _control(on: Joined) -> Iterator[str]:
    held_back = {(lead.campaign_id, lead.taxpayer) for lead in on.leads.values() if lead.control}
    for row in on.attempts.values():
        if (row.campaign_id, row.taxpayer) in held_back:
            yield row.attempt_id


def _stopped(on: Joined) -> Iterator[str]:
    since = dict(on.book.stops)
    for row in on.attempts.values():
        stops = [since[key] for key in (row.taxpayer, row.number) if key in since]
        calls = on.far_of.get(row.attempt_id, ())
        if any(call.at > stop + on.book.rules.grace for stop in stops for call in calls):
            yield row.attempt_id


def _unapproved(on: Joined) -> Iterator[str]:
    for row, call, lead in _calls(on):
        one = on.lists.get(lead.list_id)
        if one is None or not one.approved_by or not one.approved or call.at < one.approved:
            yield row.attempt_id


def _alone(on: Joined) -> Iterator[str]:
    for row, _, lead in _calls(on):
        one = on.lists.get(lead.list_id)
        if one is not None and one.approved_by == one.loaded_by:
            yield row.attempt_id


def _over(on: Joined) -> Iterator[str]:
    for row, call, lead in _calls(on):
        one = on.lists.get(lead.list_id)
        if one is not None and one.over and call.at > one.over + on.book.rules.grace:
            yield row.attempt_id


def _not_running(on: Joined) -> Iterator[str]:
    for row, call, _ in _calls(on):
        runs = on.campaigns[row.campaign_id].runs
        if not any(since <= call.at <= until + on.book.rules.grace for since, until in runs):
            yield row.attempt_id


def _switched_off(on: Joined) -> Iterator[str]:
    for thrown, lifted in on.book.rules.switched_off:
        for call in on.book.far:
            if thrown + on.book.rules.grace < call.at < lifted:
                yield call.call_id[:12]


def _capped(
    key: Callable[[AttemptRow], str], cap: Callable[[Joined, AttemptRow], Limits], which: str
) -> Callable[[Joined], Iterator[str]]:
    def breaches(on: Joined) -> Iterator[str]:
        before: dict[str, list[AttemptRow]] = {}
        for row in _sent(on):
            if row.campaign_id not in on.campaigns:
                continue
            own = before.setdefault(key(row), [])
            limits = cap(on, row)
            began = row.intended - _DAY
            if which == "life":
                most, counted = limits.life, len(own)
            elif which == "rolling":
                most, counted = limits.rolling, sum(one.intended > began + _ROUNDING for one in own)
            else:
                zone = on.leads[row.lead_id].zone if row.lead_id in on.leads else "wib"
                today = {day for day, _ in on.local(row.intended, zone)}
                days = [{day for day, _ in on.local(one.intended, zone)} for one in own]
                most, counted = limits.day, sum(bool(day & today) for day in days)
            if counted >= most:
                yield row.attempt_id
            own.append(row)

    return breaches


def _of_campaign(row: AttemptRow) -> str:
    return f"{row.campaign_id}/{row.taxpayer}"


def _of_taxpayer(row: AttemptRow) -> str:
    return row.taxpayer


def _own_caps(on: Joined, row: AttemptRow) -> Limits:
    return on.campaigns[row.campaign_id].caps


def _common_caps(on: Joined, row: AttemptRow) -> Limits:
    return on.book.rules.taxpayer


def _rest(on: Joined) -> Iterator[str]:
    rested: dict[str, float] = {}
    for row in _sent(on):
        keys = (f"taxpayer/{row.taxpayer}", f"number/{row.number}")
        if any(row.intended < rested.get(key, 0.0) + on.book.rules.rest - _ROUNDING for key in keys):
            yield row.attempt_id
        if row.outcome in RESTING:
            rested |= dict.fromkeys(keys, row.ended)


def _spacing(on: Joined) -> Iterator[str]:
    before: dict[int, AttemptRow] = {}
    for row in _sent(on):
        last, campaign = before.get(row.lead_id), on.campaigns.get(row.campaign_id)
        if last is not None and campaign is not None:
            least = campaign.spacing.get(last.outcome, 0.0)
            if row.intended < last.ended + least - _ROUNDING:
                yield f"{row.attempt_id}: after {last.outcome}"
        before[row.lead_id] = row


def _caller(on: Joined) -> Iterator[str]:
    yield from (call.call_id[:12] for call in on.book.far if call.caller != on.book.rules.caller)


def _well_formed(on: Joined) -> Iterator[str]:
    yield from (call.call_id[:12] for call in on.book.far if not call.well_formed)


def _most_at_once(spans: Iterable[tuple[float, float]]) -> int:
    moments = sorted(moment for begin, end in spans for moment in ((begin, 1), (end, -1)))
    most = now = 0
    for _, step in moments:
        now += step
        most = max(most, now)
    return most


def spans_of(on: Joined, campaign_id: str = "") -> list[tuple[float, float]]:
    """Return from when to when calls were on, as Asterisk has it, of one campaign or of all."""
    found = []
    for attempt_id, rows in on.dials.items():
        row = on.attempts.get(attempt_id)
        ends = on.ends.get(attempt_id)
        if ends and (not campaign_id or (row is not None and row.campaign_id == campaign_id)):
            found.append((rows[0].at, ends[-1].at))
    return found


def most_at_once(on: Joined) -> int:
    """Return the most concurrent calls."""
    return _most_at_once(spans_of(on))


def _lines(on: Joined) -> Iterator[str]:
    if (most := most_at_once(on)) > on.book.rules.lines:
        yield f"{most} at once, {on.book.rules.lines} allowed"


def _campaign_lines(on: Joined) -> Iterator[str]:
    for campaign in on.book.campaigns:
        if (most := _most_at_once(spans_of(on, campaign.campaign_id))) > campaign.lines:
            yield f"{campaign.campaign_id[:8]}: {most} at once, {campaign.lines} allowed"


def _far_overlap(on: Joined) -> Iterator[str]:
    until: dict[str, float] = {}
    for call in sorted(on.book.far, key=lambda one: one.at):
        if call.at < until.get(call.number, 0.0):
            yield call.call_id[:12]
        over = max(call.ended_at, call.cancelled_at, call.status_at if call.status >= 300 else 0.0)
        until[call.number] = over


LAWS_WHO: Sequence[Law] = (
    Law("inside_hours", "No call outside the hours of the callee's zone.", _hours),
    Law("no_day_off", "No call on the callee's days off.", _day_off),
    Law("known_lead", "Every attempt is of a lead of a list and a campaign.", _known),
    Law("own_number", "Every attempt goes to its own contact's number.", _own_number),
    Law("control_not_called", "Nobody of the control group is called.", _control),
    Law("do_not_call", "Nobody is called who asked for no more calls.", _stopped),
    Law("list_approved", "No call from a list before it was approved.", _unapproved),
    Law("second_person", "Who approved a list is not who loaded it.", _alone),
    Law("list_in_force", "No call from a list that was withdrawn or has expired.", _over),
    Law("campaign_runs", "No call of a campaign that does not run.", _not_running),
    Law("kill_switch", "No call while the kill switch is thrown.", _switched_off),
    Law("cap_life", "The campaign's cap in all.", _capped(_of_campaign, _own_caps, "life")),
    Law("cap_day", "The campaign's cap by day.", _capped(_of_campaign, _own_caps, "day")),
    Law("cap_24h", "The campaign's cap in 24 hours.", _capped(_of_campaign, _own_caps, "rolling")),
    Law("taxpayer_cap_life", "The taxpayer's cap in all.", _capped(_of_taxpayer, _common_caps, "life")),
    Law("taxpayer_cap_day", "The taxpayer's cap by day.", _capped(_of_taxpayer, _common_caps, "day")),
    Law(
        "taxpayer_cap_24h", "The taxpayer's cap in 24 hours.", _capped(_of_taxpayer, _common_caps, "rolling")
    ),
    Law("rest_kept", "72 hours of rest after an abandoned call.", _rest),
    Law("spacing_kept", "The spacing of each outcome before the next attempt.", _spacing),
    Law("caller_id", "The caller's number is always the line's.", _caller),
    Law("well_formed", "Only subscribers' numbers of Indonesia.", _well_formed),
    Law("lines_kept", "Never more concurrent calls than lines.", _lines),
    Law("campaign_lines_kept", "Never more concurrent calls than the campaign's lines.", _campaign_lines),
    Law("far_end_not_doubled", "No INVITE to a number whose last call is still on.", _far_overlap),
)
