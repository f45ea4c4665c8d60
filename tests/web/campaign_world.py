"""The pages of lists and campaigns over the real records: only what the engine tells is a double."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desk.working_days import office_day
from domain.clock import SystemClock
from service.campaign_part import Names, load_tables, make_campaigns
from service.list_imports import ListImports
from service.outcome_imports import FeedImports
from storage.campaign_results import CampaignResults
from storage.database import Database
from storage.lists import DurableLists
from storage.vault import Vault
from tests.web.campaign_doubles import Choices, EffectDouble, EveryWeekday, LiveDouble
from tests.web.list_stage import PeopleDouble, sign_in_everybody
from tests.web.page_parts import PageParts, page_app
from web.campaign_door import CampaignDoor
from web.campaign_port import CampaignPort
from web.campaign_routes import add_campaign_routes
from web.errors import add_error_handlers
from web.list_port import ListDoor, ListPort
from web.list_routes import add_list_routes

CLOCK = SystemClock()
NPWP = "0012345674123000"  # made up, with a right check digit
FILE = (
    "NPWP;Nama Wajib Pajak;No HP;Zona\r\n"
    f"{NPWP};Contoh Badan Satu;081100000001;WIB\r\n"
    "3.20101E+15;Contoh Rusak;081100000002;WIB\r\n"
    f"{NPWP};Contoh Ganda;081100000003;WIB\r\n"
).encode("cp1252")


@dataclass(slots=True)
class CampaignWorld:
    """The application, and what stands behind it."""

    parts: PageParts
    imports: ListImports
    live: LiveDouble
    effect: EffectDouble
    doors: list[ListDoor | CampaignDoor]
    database: Database
    vault: Vault

    async def post(self, who: str, address: str, body: Any = None) -> Any:
        async with self.parts.client(who) as client:
            answer = await client.post(address, json=body)
            assert answer.is_success, f"{address}: {answer.status_code} {answer.text}"
            return answer.json()

    async def get(self, who: str, address: str) -> Any:
        async with self.parts.client(who) as client:
            answer = await client.get(address)
            assert answer.status_code == 200, f"{address}: {answer.status_code} {answer.text}"
            return answer

    async def sent(self, who: str, content: bytes, kind: str) -> str:
        """Send a file in small pieces; return its id."""
        made = await self.post(who, "/api/lists/uploads", {"kind": kind, "size": len(content)})
        address = f"/api/lists/uploads/{made['upload_id']}/pieces"
        async with self.parts.client(who) as client:
            for at in range(0, len(content), 64):
                answer = await client.put(f"{address}?at={at}", content=content[at : at + 64])
                assert answer.status_code == 200, answer.text
        return str(made["upload_id"])

    async def loaded(self, who: str, content: bytes, kind: str = "csv", **order: str) -> Any:
        """Load a list from a file, with the columns as they are guessed."""
        upload_id = await self.sent(who, content, kind)
        found = await self.post(who, f"/api/lists/uploads/{upload_id}/inspect", {"source": "contoh"})
        columns = [
            {key: one[key] for key in ("header", "role", "name", "required")} for one in found["columns"]
        ]
        today = office_day(CLOCK.now()).isoformat()
        body = {
            "upload_id": upload_id, "title": "Contoh", "requester": "region_on_request",
            "unit": "Kanwil Contoh", "order_number": "ND-7", "legal_basis": "Contoh",
            "cut_off": today, "expires_on": today,
            "source": "contoh", "columns": columns, **order,
        }  # fmt: skip
        list_id = (await self.post(who, "/api/lists", body))["list_id"]
        async with asyncio.timeout(60):
            while (seen := (await self.get(who, f"/api/lists/{list_id}")).json())["overview"][
                "state"
            ] == "loading":
                await asyncio.sleep(0.05)
        return seen


@asynccontextmanager
async def campaign_world(migrated: Path, folder: Path) -> AsyncIterator[CampaignWorld]:
    """Join everything on a copy of an empty database."""
    shutil.copy(migrated, folder / "kring.db")
    key = folder / "master.key"
    address = f"sqlite:///{folder / 'kring.db'}"
    database, vault = Database.open(address), Vault.load_or_create(key)
    flows = frozenset({"outbound_agent"})
    names = Names(frozenset({"outbound"}), flows, flows, frozenset({"outbound"}))
    part = make_campaigns(database, vault, load_tables(), EveryWeekday(), lambda: names)
    imports = ListImports(database, vault, address, key, folder / "uploads", CLOCK)
    await imports.start()
    lists, people = DurableLists(database, vault), PeopleDouble()
    live, effect = LiveDouble(), EffectDouble()
    campaigns = CampaignPort(
        part.campaigns, lists, part.leads, part.switch, part.tables, Choices(), live, part.dry_run,
        part.leads, CampaignResults(database, vault), effect, EveryWeekday(), people, folder,
    )  # fmt: skip
    list_port = ListPort(lists, imports, lists, people, FeedImports(address, key))
    doors: list[ListDoor | CampaignDoor] = []
    parts = page_app(
        [
            lambda shared: add_error_handlers(shared.guard.app, shared.render),
            lambda shared: doors.append(add_list_routes(shared, list_port)),
            lambda shared: doors.append(add_campaign_routes(shared, campaigns)),
        ]
    )
    sign_in_everybody(parts)
    yield CampaignWorld(parts, imports, live, effect, doors, database, vault)
    await imports.stop()
    database.close()
