"""What `kring doctor` looks at of the floor's tables and outbound work: who can serve whom."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from acd.skills import Language, Requirement, Skillbook, admits, office_day
from dialer.campaigns import Campaign, CampaignState
from dialer.lists import TaxpayerList
from service.checkup_limits import limits
from service.findings import good, note, warning, wrong
from web.checkup_port import Finding


def agents(book: Skillbook, at: datetime) -> Iterator[Finding]:
    """Whether there are agents, each with a competence that holds, and which end soon."""
    if not book.agents:
        yield warning("agents", "agents_none")
        return
    without = sum(1 for number in book.agents if not book.ability(number, at).gates)
    if without:
        yield warning("agents", "agents_idle", count=without, all=len(book.agents))
    else:
        yield good("agents", "agents", all=len(book.agents))
    today = office_day(at)
    soon = today + timedelta(days=limits().competence_days)
    ends = [row.expires for row in book.tables.competences if row.expires]
    over, near = sum(1 for day in ends if day < today), sum(1 for day in ends if today <= day <= soon)
    if over:
        yield warning("competences", "competences_ended", count=over)
    if near:
        yield note("competences", "competences_end", count=near, day=soon)
    if not over and not near:
        yield good("competences", "competences", count=len(book.tables.competences))


def queues(book: Skillbook, at: datetime) -> Iterator[Finding]:
    """Which queues nobody could serve, whoever signed in."""
    if not book.agents:
        return  # told by `agents`
    nobody = [
        row.queue for row in book.requirements.values() if not _served(book, row, Language.INDONESIAN, at)
    ]
    if nobody:
        yield wrong("queues", "queues_unserved", names=nobody)
    english = [
        row.queue
        for row in book.requirements.values()
        if row.queue not in nobody and not _served(book, row, Language.ENGLISH, at)
    ]
    if english:
        yield warning("queues", "queues_no_english", names=english)
    if not nobody and not english:
        yield good("queues", "queues", count=len(book.requirements))


def campaigns(
    every: Sequence[Campaign], lists: Iterable[TaxpayerList], book: Skillbook, at: datetime
) -> Iterator[Finding]:
    """Which running campaigns have nobody, and which lists of theirs end."""
    running = [one for one in every if one.state is CampaignState.RUNNING]
    idle = [one.definition.title for one in running if not _staffed(book, one, at)]
    if idle:
        yield warning("campaigns", "campaigns_idle", count=len(idle), names=idle)
    elif running:
        yield good("campaigns", "campaigns", count=len(running))
    else:
        yield good("campaigns", "campaigns_none")
    called = {list_id for one in running for list_id in one.lists}
    today = office_day(at)
    soon = today + timedelta(days=limits().list_days)
    days = [one.order.expires_on for one in lists if one.list_id in called]
    over, near = sum(1 for day in days if day < today), sum(1 for day in days if today <= day <= soon)
    if over:
        yield warning("lists", "lists_expired", count=over)
    if near:
        yield note("lists", "lists_expire", count=near, day=soon)
    if not over and not near:
        yield good("lists", "lists", count=len(days))


def _served(book: Skillbook, row: Requirement, language: Language, at: datetime) -> bool:
    plan, chain = book.plans[row.plan], book.chain(row.skill)
    return any(
        admits(ring, chain, language, gate)
        for number in book.agents
        for gate in book.ability(number, at).gates
        for ring in plan.rings
    )


def _staffed(book: Skillbook, campaign: Campaign, at: datetime) -> bool:
    wanted = campaign.definition
    row = book.requirement(f"{wanted.skill}/{wanted.tier}")
    return row is not None and _served(book, row, Language.INDONESIAN, at)
