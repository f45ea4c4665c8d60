"""Why a lead is not dialled: one order of questions, right before dialling and in the dry run."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import pytest

from dialer.attempt_rules import Past
from dialer.campaigns import Campaign, CampaignState, Caps
from dialer.contacts import Person
from dialer.dry_run import CALLED, DryRun
from dialer.gate import LeadPast, ListStanding, Standing
from dialer.kinds import load_caps
from dialer.leads import Lead, LeadState
from dialer.lists import ListState
from dialer.reasons import WhyNot
from dialer.retry import Refusal
from domain.zones import Zone
from tests.unit.dialling_world import (
    CAMPAIGN,
    CAMPAIGN_ID,
    CUT_OFF,
    DEFINITION,
    LIST,
    TEN,
    Office,
    Records,
    gate,
    key,
    lead,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CAPS = load_caps().at(TEN)
NOW = Standing(TEN, killed=False, ready=True)


def past(at: datetime, *, campaign: str = CAMPAIGN_ID, rests: bool = False, counts: bool = True) -> Past:
    return Past("x", campaign, at, at + timedelta(minutes=1), counts, rests)


async def refusal(
    records: Records,
    it: Lead | None = None,
    campaign: Campaign = CAMPAIGN,
    standing: Standing = NOW,
    office: Office | None = None,
) -> Refusal | None:
    it = it or lead()
    return (await gate(records, office).judge(campaign, [it], standing))[it.lead_id]


async def why(records: Records, it: Lead | None = None, **others: object) -> WhyNot | None:
    found = await refusal(records, it, **others)  # type: ignore[arg-type]
    return None if found is None else found.why


async def test_a_lead_that_nothing_speaks_against_is_dialled() -> None:
    assert await refusal(Records()) is None
    assert await refusal(Records(), standing=replace(NOW, held=frozenset({1}))) is None


async def test_every_reason_is_found() -> None:
    """One world for each reason; those before it in the order are none of them there."""
    own = replace(DEFINITION, caps=Caps(life=4, day=2, rolling_24h=2))
    capped = replace(CAMPAIGN, definition=own)
    other = "f" * 32
    yesterday = past(TEN - 23 * HOUR)
    cases: dict[WhyNot, WhyNot | None] = {
        WhyNot.KILL_SWITCH: await why(Records(), standing=replace(NOW, killed=True)),
        WhyNot.ENGINE_NOT_READY: await why(Records(), standing=replace(NOW, ready=False)),
        WhyNot.CAMPAIGN_NOT_RUNNING: await why(
            Records(), campaign=replace(CAMPAIGN, state=CampaignState.PAUSED)
        ),
        WhyNot.CAMPAIGN_OVER: await why(
            Records(), campaign=replace(CAMPAIGN, definition=replace(DEFINITION, ends_on=date(2026, 6, 2)))
        ),
        WhyNot.LIST_NOT_APPROVED: await why(
            Records(listed={LIST: ListStanding(ListState.WITHDRAWN, CUT_OFF, date(2026, 12, 31))})
        ),
        WhyNot.LIST_EXPIRED: await why(
            Records(listed={LIST: ListStanding(ListState.APPROVED, CUT_OFF, date(2026, 6, 2))})
        ),
        WhyNot.CONTROL_GROUP: await why(Records(), lead(state=LeadState.CONTROL)),
        WhyNot.OUTSIDE_WINDOW: await why(Records(), lead(), standing=replace(NOW, now=TEN + 7 * HOUR)),
        WhyNot.DAY_OFF: await why(Records(), office=Office({TEN.date()})),
        WhyNot.DO_NOT_CALL: await why(Records(suppressed={key("t1"): "do_not_call"})),
        WhyNot.WRONG_NUMBER: await why(Records(suppressed={key("n1.0"): "wrong_number"})),
        WhyNot.SOLVED: await why(Records(done={key("t1")})),
        WhyNot.DIRECTORY_UNAVAILABLE: await why(Records(directory=False)),
        WhyNot.NOT_A_NUMBER: await why(Records(), lead(number=2)),
        WhyNot.BEING_CALLED: await why(Records(pasts={1: LeadPast([replace(yesterday, ended_at=None)])})),
        WhyNot.RESTING: await why(Records(pasts={1: LeadPast(number=[past(TEN - 71 * HOUR, rests=True)])})),
        WhyNot.CAP_LIFE: await why(
            Records(pasts={1: LeadPast([past(TEN - days * DAY) for days in (2, 3, 4, 5)])}), campaign=capped
        ),
        WhyNot.CAP_DAY: await why(
            Records(pasts={1: LeadPast([past(TEN - HOUR), past(TEN - HOUR)])}), campaign=capped
        ),
        WhyNot.CAP_24H: await why(Records(pasts={1: LeadPast([yesterday, yesterday])}), campaign=capped),
        WhyNot.TAXPAYER_CAP_LIFE: await why(
            Records(
                pasts={
                    1: LeadPast(
                        [past(TEN - days * DAY, campaign=other) for days in range(2, 2 + CAPS.taxpayer.life)]
                    )
                }
            )
        ),
        WhyNot.TAXPAYER_CAP_DAY: await why(
            Records(pasts={1: LeadPast([past(TEN - HOUR, campaign=other)] * CAPS.taxpayer.day)})
        ),
        WhyNot.TAXPAYER_CAP_24H: await why(
            Records(pasts={1: LeadPast([past(TEN - 23 * HOUR, campaign=other)] * CAPS.taxpayer.rolling_24h)})
        ),
        WhyNot.SPACING: await why(Records(), lead(due_at=TEN + HOUR)),
        WhyNot.LEASE_LOST: await why(Records(), standing=replace(NOW, held=frozenset({2}))),
    }
    assert cases == {reason: reason for reason in cases}
    # Only what the engine finds out by itself is not asked here.
    assert set(WhyNot) - cases.keys() == {WhyNot.NO_AGENT, WhyNot.NO_LINE}


async def test_the_first_reason_in_the_order_is_the_one_that_is_told() -> None:
    everything = Records(
        suppressed={key("t1"): "do_not_call", key("n1.0"): "wrong_number"},
        done={key("t1")},
        directory=False,
        pasts={1: LeadPast([replace(past(TEN), ended_at=None)])},
    )
    it = lead(due_at=TEN + HOUR)
    assert await why(everything, it) is WhyNot.DO_NOT_CALL
    everything.suppressed.pop(key("t1"))
    assert await why(everything, it) is WhyNot.WRONG_NUMBER
    everything.suppressed.clear()
    assert await why(everything, it) is WhyNot.DIRECTORY_UNAVAILABLE
    everything.directory = True
    assert await why(everything, it) is WhyNot.SOLVED
    everything.done.clear()
    assert await why(everything, it) is WhyNot.BEING_CALLED
    everything.pasts.clear()
    assert await why(everything, it) is WhyNot.SPACING


async def test_a_batch_asks_every_record_once_and_only_about_who_passed_so_far() -> None:
    records = Records(suppressed={key("t2"): "do_not_call"})
    many = [lead(number) for number in range(1, 101)]
    answers = await gate(records).judge(CAMPAIGN, many, NOW)
    assert sum(answer is None for answer in answers.values()) == 99
    assert records.asked == ["lists", "suppressions", "directory", "past"]
    shut = Records()
    await gate(shut).judge(CAMPAIGN, many, replace(NOW, killed=True))
    assert shut.asked == ["lists"]


@pytest.mark.parametrize("number", ["1500200", "112", "62215", "6281", "", "6280912345678", "6512345678"])
async def test_what_is_no_subscribers_number_is_not_dialled(number: str) -> None:
    it = lead()
    bad = replace(it, contact=replace(it.contact, person=Person("1" * 16, "Contoh", (number, "x"))))
    assert await why(Records(), bad) is WhyNot.NOT_A_NUMBER


async def test_a_refusal_says_when_to_ask_again() -> None:
    """At that moment the same reason does not hold any more, and the callee's window is open."""
    capped = replace(CAMPAIGN, definition=replace(DEFINITION, caps=Caps(life=9, day=2, rolling_24h=2)))
    times = [TEN - 2 * HOUR, TEN - HOUR]
    for pasts in (
        LeadPast([past(at) for at in times]),
        LeadPast([past(at - 21 * HOUR) for at in times]),
        LeadPast([past(TEN - 20 * HOUR, rests=True)]),
        LeadPast([replace(past(TEN - HOUR), ended_at=None)]),
    ):
        records = Records(pasts={1: pasts})
        found = await refusal(records, campaign=capped)
        assert found is not None
        assert found.until is not None
        assert found.until > TEN
        if found.why is not WhyNot.BEING_CALLED:
            later = await refusal(records, campaign=capped, standing=replace(NOW, now=found.until))
            assert later is None or later.why is not found.why
    closed = await refusal(Records(), standing=replace(NOW, now=TEN + 7 * HOUR))
    assert closed == Refusal(WhyNot.OUTSIDE_WINDOW, TEN - 2 * HOUR + DAY)
    soon = replace(DEFINITION, starts_on=date(2026, 6, 8))
    early = await refusal(Records(), campaign=replace(CAMPAIGN, definition=soon))
    assert early == Refusal(WhyNot.CAMPAIGN_OVER, TEN - 2 * HOUR + 5 * DAY)


@dataclass
class Pages:
    """Leads of a campaign in memory."""

    leads: Sequence[Lead]
    reads: list[int] = field(default_factory=list)

    async def ready(
        self, campaign_id: str, list_ids: Collection[str], after: int, most: int
    ) -> Sequence[Lead]:
        found = [one for one in self._ready() if one.lead_id > after and one.contact.list_id in list_ids]
        self.reads.append(len(found[:most]))
        return found[:most]

    async def ready_by_list(self, campaign_id: str) -> Mapping[str, int]:
        return {LIST: len(self._ready())}

    async def reasons(self, campaign_id: str) -> Mapping[tuple[LeadState, str], int]:
        found: dict[tuple[LeadState, str], int] = {}
        for one in self.leads:
            found[one.state, one.reason] = found.get((one.state, one.reason), 0) + 1
        return found

    def _ready(self) -> list[Lead]:
        return [one for one in self.leads if one.state is LeadState.READY]


def world() -> Pages:
    some = [lead(number, zone=list(Zone)[number % 4]) for number in range(1, 1201)]
    some[0] = replace(some[0], state=LeadState.DONE, reason="promised_to_file")
    some[1] = replace(some[1], state=LeadState.CONTROL)
    some[2] = replace(some[2], due_at=TEN + DAY)
    some[3] = replace(some[3], due_at=TEN + HOUR)  # later today
    return Pages(some)


def dry_run(records: Records, pages: Pages) -> DryRun:
    return DryRun(gate(records), records, pages, Office())


async def test_the_dry_run_counts_every_lead_once_and_gives_examples() -> None:
    records = Records(suppressed={key("t9"): "do_not_call"}, done={key("t10"), key("t11")})
    draft = replace(CAMPAIGN, state=CampaignState.DRAFT)
    report = await dry_run(records, world()).run(draft, TEN - 5 * HOUR)  # 05.00 WIB
    assert report.refused == {
        WhyNot.CONTROL_GROUP: 1,
        WhyNot.SPACING: 1,
        WhyNot.DO_NOT_CALL: 1,
        WhyNot.SOLVED: 2,
    }
    assert report.done == {"promised_to_file": 1}
    assert report.called == 1200 - 6
    assert report.leads == 1200
    assert report.examples["solved"] == [10, 11]
    assert report.examples[CALLED][:2] == [4, 5]


async def test_examples_are_paged_by_lead() -> None:
    records = Records(done={key(f"t{number}") for number in range(5, 1200, 5)})
    run = dry_run(records, world())
    first = await run.examples(CAMPAIGN, TEN, "solved", most=3)
    assert first == [5, 10, 15]
    assert await run.examples(CAMPAIGN, TEN, "solved", after=first[-1], most=2) == [20, 25]
    assert await run.examples(CAMPAIGN, TEN, "day_off") == []


async def test_after_hours_nobody_is_called_today_but_a_day_to_come_can_be_asked() -> None:
    run = dry_run(Records(), world())
    evening = TEN + 7 * HOUR
    tonight = await run.run(CAMPAIGN, evening)
    assert (tonight.called, tonight.refused[WhyNot.OUTSIDE_WINDOW]) == (0, 1198)
    tomorrow = await run.run(CAMPAIGN, evening, day=date(2026, 6, 4))
    assert (tomorrow.day, tomorrow.called) == (date(2026, 6, 4), 1198)
    saturday = await run.run(CAMPAIGN, evening, day=date(2026, 6, 6))
    assert saturday.refused[WhyNot.DAY_OFF] == 1198


async def test_leads_of_a_closed_list_are_counted_without_being_read() -> None:
    records = Records(listed={LIST: ListStanding(ListState.APPROVED, CUT_OFF, date(2026, 6, 2))})
    pages = world()
    report = await dry_run(records, pages).run(CAMPAIGN, TEN)
    assert report.refused[WhyNot.LIST_EXPIRED] == 1198
    assert sum(pages.reads) == 0


async def test_the_dry_run_says_of_each_lead_what_the_gate_says() -> None:
    records = Records(suppressed={key("t9"): "do_not_call"}, done={key("t10")})
    pages = world()
    report = await dry_run(records, pages).run(CAMPAIGN, TEN)
    run = dry_run(records, pages)
    for reason, examples in report.examples.items():
        for lead_id in examples:
            it = pages.leads[lead_id - 1]
            if it.due_at > TEN and reason == CALLED:
                continue  # called later today
            found = await run.why(CAMPAIGN, it, TEN)
            assert (CALLED if found is None else found.why.value) == reason
