"""The wallboard over a floor that is as a test says, with its records on a database."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from acd.tables_csv import load
from domain.floor_log import EntryRow
from domain.staff import StaffRole
from ivr.announcements import Announcing
from reporting.facts import load_service_levels
from reporting.wall_rows import CampaignRow, Row
from service.wall_part import AnnouncementsInForce
from service.wall_source import Alarms, LiveWall, WallGround
from storage.database import Database
from storage.floor_rows import table_row
from storage.tables import floor_entries
from storage.vault import Vault
from storage.wall import DurableMessages, DurableThresholds
from storage.wall_announcements import DurableAnnouncements
from storage.wall_day import EntriesOfDay
from tests.web.floor_double import agent_view
from tests.web.page_parts import COLLEAGUE, OWN, PageParts, page_app, visitor
from tests.web.whole_pages import TABLES, OfficeClock
from web.desk_feed import DeskFeed
from web.errors import add_error_handlers
from web.operations import Line, Readiness
from web.parts import Shared
from web.wall_door import WallDoor
from web.wall_message_routes import add_reading_routes
from web.wall_port import Announceable, WallPort
from web.wall_routes import add_wall_routes

CAMPAIGN = CampaignRow("Pengingat SPT", "running", "progressive", 1, 0, 2, 3, 1, 9, 4, 0, 0.0, False, "")
PROMPTS = [Announceable("announce_busy", {"id": "Antrean panjang.", "en": "Long lines."})]
PEOPLE = SimpleNamespace(all=lambda: _nobody())


async def _nobody() -> list[Any]:
    return [visitor(role).staff for role in StaffRole]


@dataclass(slots=True)
class WallStage:
    """The pages, the floor behind them, and the desk's feed."""

    parts: PageParts
    source: LiveWall
    database: Database
    door: WallDoor
    desk: DeskFeed
    announcing: Announcing
    alarms: list[str]

    def entered(self, *rows: EntryRow) -> None:
        """Put rows on the floor's record."""
        columns = [column.name for column in floor_entries.columns]

        def work(connection: sa.Connection) -> None:
            last = connection.execute(sa.select(sa.func.max(floor_entries.c.n))).scalar() or 0
            for number, row in enumerate(rows, last + 1):
                values = dict(zip(columns, table_row(number, row)[1], strict=True))
                connection.execute(
                    sa.insert(floor_entries).values(values | {"at": row.at, "since": row.since})
                )

        self.database.write_now(work)


def wall_stage(migrated: Path, folder: Path) -> WallStage:
    """Return the pages with two agents at work: OWN of team alfa talks, COLLEAGUE of beta is free."""
    shutil.copy(migrated, folder / "kring.db")
    database, vault = Database.open(f"sqlite:///{folder}/kring.db"), Vault.create(folder / "key")
    parts = page_app([lambda shared: add_error_handlers(shared.guard.app, shared.render)])
    shared: Shared = replace(parts.shared, clock=OfficeClock())  # midnight is far
    parts.floor.view = {
        OWN: agent_view(OWN, team="alfa", declared="ready", observed="talking", queue="efin"),
        COLLEAGUE: agent_view(COLLEAGUE, on_air_name="Kenanga", team="beta", declared="ready"),
    }
    announcing, alarms = Announcing(shared.clock), list[str]()
    announcements, messages = DurableAnnouncements(database), DurableMessages(database, vault)
    thresholds, book = DurableThresholds(database), load(TABLES)

    async def line() -> Line:
        return Line(open=True, shut=False)

    async def readiness() -> Readiness:
        return Readiness(())

    async def open_alarms() -> Alarms:
        return Alarms(tuple(alarms), len(alarms))

    async def campaigns() -> Mapping[str, Row]:
        return {"1" * 32: CAMPAIGN}

    ground = WallGround(
        parts.floor.agents, parts.floor.queues, lambda: book, EntriesOfDay(database), load_service_levels(),
        thresholds, messages, announcing, line, readiness, lambda: {"in": (40, 50)}, open_alarms, campaigns,
        AnnouncementsInForce(announcements, announcing, shared.clock).look, shared.clock,
    )  # fmt: skip
    source = LiveWall(ground)
    port = WallPort(
        source, thresholds, messages, announcements, lambda: PROMPTS, PEOPLE,
        lambda: ("efin", "token"), lambda language: {"prayer": "Salat" if language == "id" else "Prayer"},
    )  # fmt: skip
    door, desk = add_wall_routes(shared, port), DeskFeed(parts.floor)
    add_reading_routes(door, desk)
    return WallStage(parts, source, database, door, desk, announcing, alarms)
