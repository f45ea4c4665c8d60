"""The pages of campaigns over doubles, as one application."""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from dialer.campaigns import Campaign
from dialer.campaigns_text import to_plain
from dialer.lists import ListState
from tests.web.campaign_doubles import (
    ID,
    LIST,
    CampaignsDouble,
    Choices,
    DryRunsDouble,
    EffectDouble,
    EveryWeekday,
    Finder,
    LeadsDouble,
    LiveDouble,
    ResultsDouble,
    SwitchDouble,
    a_definition,
    a_lead,
    a_look,
    tables,
)
from tests.web.list_stage import PEOPLE, ListsDouble, PeopleDouble, Watch, a_list, sign_in_everybody
from tests.web.page_parts import PageParts, page_app
from web.campaign_door import CampaignDoor
from web.campaign_port import CampaignPort
from web.campaign_routes import add_campaign_routes
from web.errors import add_error_handlers
from web.texts import Texts

FORM: dict[str, Any] = {
    "form": "1",
    "title": "Belum lapor 2025",
    "kind": "non_filer",
    "tax_period": "2025",
    "script": "outbound",
    "flow": "outbound_agent",
    "pacing": "progressive",
    "skill": "outbound",
    "tier": "A",
    "priority": "0",
    "starts_on": "",
    "ends_on": "2026-03-31",
    "window.opens": "08:00",
    "window.closes": "16:00",
    "window.weekdays": ["mon", "tue"],
    "caps.life": "4",
    "caps.day": "1",
    "caps.rolling_24h": "1",
    "retry.busy.attempts": "2",
    "retry.busy.spacing": "45m",
    "retry.busy.next_number": "no",
    "retry.no_answer.attempts": "",
    "retry.no_answer.spacing": "",
    "retry.no_answer.next_number": "yes",
    "dispositions": "promised_to_file",
    "needs_poro": "yes",
    "ring_seconds": "25",
    "most_lines": "30",
    "abandon_limit": "0.03",
    "least_team": "8",
    "control_share": "0.1",
    "effect_days": "14",
    "amd": "no",
    "fields": "jatuh_tempo, tahun",
    "content": "SPT Tahunan 2025",
}


@cache
def _texts() -> Texts:
    return Texts.load()


def said(name: str) -> str:
    """Return a text of the catalogue, in Indonesian."""
    return _texts().say("id", name)


@dataclass(slots=True)
class CampaignStage:
    """The application and everything behind it."""

    parts: PageParts
    door: CampaignDoor
    campaigns: CampaignsDouble
    lists: ListsDouble
    leads: LeadsDouble
    switch: SwitchDouble
    live: LiveDouble
    dry_runs: DryRunsDouble
    results: ResultsDouble
    effect: EffectDouble
    watch: Watch

    def client(self, who: str, *, page: bool = False) -> httpx.AsyncClient:
        return self.parts.client(who, page=page)

    async def get(self, who: str, address: str, *, page: bool = False) -> httpx.Response:
        async with self.client(who, page=page) as client:
            return await client.get(address)

    async def post(self, who: str, address: str, body: Any = None, *, page: bool = False) -> httpx.Response:
        async with self.client(who, page=page) as client:
            return await client.post(address, json=body)

    def campaign(self, campaign_id: str = ID, **change: Any) -> Campaign:
        """Put a campaign there."""
        definition = a_definition(**change.pop("definition", {}))
        return self.campaigns.keep(campaign_id, definition, PEOPLE["manager"][1] * 32, "created", **change)

    @property
    def acts(self) -> list[tuple[str, str]]:
        return [(row.act, row.subject) for row in self.parts.audit.rows]


@cache
def _folder() -> "TemporaryDirectory[str]":
    return TemporaryDirectory(prefix="campaigns-")


@cache  # made once, not for each test
def _application() -> CampaignStage:
    watch, lists = Watch(), ListsDouble()
    campaigns, leads = CampaignsDouble(watch), LeadsDouble()
    switch, live, dry_runs = SwitchDouble(), LiveDouble(), DryRunsDouble()
    results, effect = ResultsDouble(), EffectDouble()
    doors: list[CampaignDoor] = []
    port = CampaignPort(
        campaigns,
        lists,
        leads,
        switch,
        tables(),
        Choices(),
        live,
        dry_runs,
        Finder(),
        results,
        effect,
        EveryWeekday(),
        PeopleDouble(),
        Path(_folder().name),
    )
    parts = page_app(
        [
            lambda shared: add_error_handlers(shared.guard.app, shared.render),
            lambda shared: doors.append(add_campaign_routes(replace(shared, clock=watch), port)),
        ]
    )
    sign_in_everybody(parts)
    return CampaignStage(
        parts, doors[0], campaigns, lists, leads, switch, live, dry_runs, results, effect, watch
    )


def campaign_stage() -> CampaignStage:
    """Return the application as if it had just begun; one approved list and two leads are there."""
    made = _application()
    for double in (made.watch, made.lists, made.leads, made.switch, made.dry_runs, made.results, made.effect):
        double.__init__()  # type: ignore[misc]
    made.campaigns.__init__(made.watch)  # type: ignore[misc]
    made.live.__init__(a_look(made.watch))  # type: ignore[misc]
    made.door.__init__(made.door.shared, made.door.port)  # type: ignore[misc]
    made.lists.lists[LIST] = a_list(LIST, "x" * 32, ListState.APPROVED)
    made.leads.leads.update({number: a_lead(number) for number in (1, 2)})
    made.parts.audit.rows.clear()
    return made


def plain(**change: Any) -> dict[str, Any]:
    """Return a definition as a program sends it."""
    return {**to_plain(a_definition()), **change}
