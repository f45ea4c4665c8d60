"""What `kring doctor` looks at of the floor's tables and outbound work: who can serve whom."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from acd.skills import Language, Requirement, Skillbook, admits, office_day
from dialer.campaigns import Campaign, CampaignState
from dialer.lists import TaxpayerList
from service.checkup_limits import limits
from service.findings import Finding, note, warning

_NAMED = 5  # of queues and campaigns in one line


def agents(book: Skillbook, at: datetime) -> Iterator[Finding]:
    """Whether there are agents, each with a competence that holds, and which end soon."""
    if not book.agents:
        remedy = "enter agents at /pengaturan/acd_agents, or kring acd tables import FOLDER"
        yield warning("agents", "there is no agent: nobody can be offered a call", remedy)
        return
    without = sum(1 for number in book.agents if not book.ability(number, at).gates)
    if without:
        remedy = "give them competences that hold and a language: /pengaturan/acd_competences"
        yield warning("agents", f"{without} of {len(book.agents)} agents can be chosen for nothing", remedy)
    else:
        yield Finding("agents", f"{len(book.agents)} agents, each with a competence that holds")
    today = office_day(at)
    soon = today + timedelta(days=limits().competence_days)
    ends = [row.expires for row in book.tables.competences if row.expires]
    over, near = sum(1 for day in ends if day < today), sum(1 for day in ends if today <= day <= soon)
    if over:
        yield warning(
            "competences", f"{over} have ended", "renew or remove them: /pengaturan/acd_competences"
        )
    if near:
        yield note("competences", f"{near} end by {soon}", "renew them in time: /pengaturan/acd_competences")
    if not over and not near:
        yield Finding("competences", f"{len(book.tables.competences)}, none ended or about to")


def queues(book: Skillbook, at: datetime) -> Iterator[Finding]:
    """Which queues nobody could serve, whoever signed in."""
    if not book.agents:
        return  # told by `agents`
    nobody = [
        row.queue for row in book.requirements.values() if not _served(book, row, Language.INDONESIAN, at)
    ]
    if nobody:
        remedy = "give somebody the skill and tier, or widen the queue's rings: /pengaturan/acd_requirements"
        yield Finding("queues", f"nobody can serve {_some(nobody)}", remedy)
    english = [
        row.queue
        for row in book.requirements.values()
        if row.queue not in nobody and not _served(book, row, Language.ENGLISH, at)
    ]
    if english:
        remedy = "give somebody who has the skill the language: /pengaturan/acd_agents"
        yield warning("queues", f"nobody can serve in English: {_some(english)}", remedy)
    if not nobody and not english:
        yield Finding("queues", f"{len(book.requirements)} queues, each can be served in both languages")


def campaigns(
    every: Sequence[Campaign], lists: Iterable[TaxpayerList], book: Skillbook, at: datetime
) -> Iterator[Finding]:
    """Which running campaigns have nobody, and which lists of theirs end."""
    running = [one for one in every if one.state is CampaignState.RUNNING]
    idle = [one.definition.title for one in running if not _staffed(book, one, at)]
    if idle:
        remedy = "give agents the campaign's skill and tier, or pause it at /kampanye"
        yield warning("campaigns", f"{len(idle)} run and no agent can work for them: {_some(idle)}", remedy)
    else:
        yield Finding("campaigns", f"{len(running)} run" + (", each with agents who can" if running else ""))
    called = {list_id for one in running for list_id in one.lists}
    today = office_day(at)
    soon = today + timedelta(days=limits().list_days)
    days = [one.order.expires_on for one in lists if one.list_id in called]
    over, near = sum(1 for day in days if day < today), sum(1 for day in days if today <= day <= soon)
    if over:
        remedy = "load a newer list from who ordered it; nothing of an old one is dialled"
        yield warning("lists", f"{over} lists of running campaigns have expired", remedy)
    if near:
        yield note(
            "lists", f"{near} lists of running campaigns expire by {soon}", "ask for newer ones in time"
        )
    if not over and not near:
        yield Finding("lists", f"{len(days)} lists of running campaigns, none expired or about to")


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


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"
