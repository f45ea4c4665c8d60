"""Made-up people who may sign in, to try the pages: agents of the floor's tables, and who leads them."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from acd.skills import Agent, office_day
from domain.staff import StaffRole
from service.settings import CHECKOUT
from storage.acd_folder import read_folder
from storage.acd_tables import AcdTables
from storage.database import Database
from storage.vault import Vault
from web.staff_drafts import StaffDraft

EXAMPLES = CHECKOUT / "acd" / "examples"
MOST = 5  # agents


def floor_agents(database: Database, vault: Vault, who: str) -> tuple[Sequence[Agent], bool]:
    """Return the first agents of the tables in force; where there are none, put the examples in force.

    The second value tells whether that was done. Blocking. Raises storage.database.DatabaseProblem.
    """
    return asyncio.run(_floor_agents(AcdTables(database, vault), who))


def demo_drafts(agents: Sequence[Agent]) -> Sequence[StaffDraft]:
    """Return sign-ins for these agents, and one or two of each role that leads, plans or reviews."""
    team = agents[0].team if agents else "contoh"
    drafts = [
        StaffDraft(
            f"agen{agent.number}".lower(), agent.on_air_name, (StaffRole.AGENT,), agent.number, agent.team
        )
        for agent in agents
    ]
    leader = StaffDraft("ketua", "Contoh Ketua Tim", (StaffRole.TEAM_LEADER,), "", team or "contoh")
    supervisor = StaffDraft("supervisor", "Contoh Supervisor", (StaffRole.SUPERVISOR,))
    manager = StaffDraft("manajer", "Contoh Manajer Kampanye", (StaffRole.CAMPAIGN_MANAGER,))
    planner = StaffDraft("perencana", "Contoh Perencana", (StaffRole.PLANNER,))
    reviewers = [
        StaffDraft("penilai", "Contoh Penilai Mutu", (StaffRole.QUALITY,)),
        StaffDraft("penilai2", "Contoh Penilai Kedua", (StaffRole.QUALITY,)),
        StaffDraft("pkl", "Contoh SPV PKL", (StaffRole.QUALITY_LEAD,)),
        StaffDraft("pdp", "Contoh Pejabat Pelindungan Data", (StaffRole.PRIVACY_OFFICER,)),
    ]
    units = [
        StaffDraft("humas", "Contoh P2 Humas", (StaffRole.UNIT,), "", "P2 Humas"),
        StaffDraft("kpp", "Contoh Kantor Pajak", (StaffRole.UNIT,), "", "KPP Pratama Contoh"),
    ]
    return [*drafts, leader, supervisor, manager, planner, *reviewers, *units]


async def _floor_agents(tables: AcdTables, who: str) -> tuple[Sequence[Agent], bool]:
    _, book = await tables.book()
    found = _first(book.tables.agents)
    if found:
        return found, False
    now = datetime.now(UTC)
    draft = await tables.draft(read_folder(EXAMPLES), office_day(now))
    await tables.put(draft, who, "example agents for the demonstration", now)
    return _first(draft.book.tables.agents), True


def _first(agents: Sequence[Agent]) -> Sequence[Agent]:
    return sorted(agents, key=lambda agent: agent.number)[:MOST]
