"""The live page out of the record of attempts, the engine and the floor; what a campaign may name."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from acd.skills import Tier
from acd.tables_csv import DATA, load
from call_flows.book import load_folder
from call_flows.known import Known
from desk.script_book import load_scripts
from dialer.attempts import Attempt, AttemptLimits, DialOutcome
from dialer.campaigns import Campaign, CampaignState
from dialer.engine_ports import CampaignLook, EngineLook
from dialer.ports import OutboundAgent, Team
from dialer.reasons import WhyNot
from domain.ids import new_id
from prompts.library import Library
from service.campaign_choices import OfferedChoices
from service.campaign_live import LiveStands, WatchedCampaigns
from service.campaign_part import CampaignPart, Names, load_tables, make_campaigns
from service.settings import load_settings
from storage.attempts import DurableAttempts
from storage.campaign_day import CampaignDay
from storage.database import Database, DatabaseProblem
from storage.vault import Vault
from tests.web.campaign_doubles import EveryWeekday, a_definition
from tests.web.list_stage import Watch
from web.campaign_port import LiveUnavailable
from web.texts import Texts

NOW = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)  # 10.30 WIB
LIMITS = AttemptLimits(99, 99, 99, 99, 99, 99, 0.0)
BY = "a" * 32


@dataclass(slots=True)
class Floor:
    states: tuple[str, ...] = ()

    def team(self, skill: str, tier: Tier) -> Team:
        return Team(tuple(OutboundAgent(str(n), state, 0.0, True) for n, state in enumerate(self.states)))

    def borrow(self, skill: str, tier: Tier, wanted: int) -> int:
        assert wanted == 0  # a look borrows nobody
        return 1

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(name)


@dataclass(slots=True)
class Scene:
    part: CampaignPart
    record: DurableAttempts
    database: Database
    watched: WatchedCampaigns
    floor: Floor
    watch: Watch
    engine: EngineLook

    async def dialled(
        self, campaign_id: str, at: datetime, outcome: DialOutcome, disposition: str = ""
    ) -> None:
        """Put a dial on record that is over."""
        taxpayer, number = (new_id()[:16].encode() for _ in range(2))
        one = Attempt(
            new_id(),
            campaign_id,
            7,
            taxpayer,
            number,
            "628110000123",
            intended_at=at,
            zone="wib",
            engine="main",
        )
        await self.record.take("main", "holder", 3600.0)
        await self.record.intend(one, LIMITS, at)
        assert await self.record.sending(one.attempt_id, at, "holder")
        if outcome in (DialOutcome.TALKED, DialOutcome.ABANDONED):
            await self.record.answered(one.attempt_id, at)
        await self.record.ended(one.attempt_id, outcome, at + timedelta(seconds=20))
        if disposition:
            await self.record.disposed(one.attempt_id, disposition, at)


@asynccontextmanager
async def scene(migrated: Path, folder: Path) -> AsyncIterator[Scene]:
    shutil.copy(migrated, folder / "kring.db")
    database = Database.open(f"sqlite:///{folder / 'kring.db'}")
    vault, floor, watch = Vault.create(folder / "key"), Floor(), Watch(NOW)
    flows = frozenset({"outbound_agent"})
    names = Names(frozenset({"outbound"}), flows, flows, frozenset({"outbound"}))
    part = make_campaigns(database, vault, load_tables(), EveryWeekday(), lambda: names)
    record = DurableAttempts(database, vault, part.tables.outcomes, asyncio.get_running_loop())
    made: list[Scene] = []
    stands = LiveStands(
        part.campaigns, CampaignDay(database), lambda: made[0].engine, floor, part.tables.outcomes,
        part.tables.dispositions, EveryWeekday(), watch,
    )  # fmt: skip
    engine = EngineLook("dialling", None, (), True, 3, ())
    made.append(Scene(part, record, database, WatchedCampaigns(stands), floor, watch, engine))
    try:
        yield made[0]
    finally:
        await record.close()
        database.close()


async def test_a_day_is_counted_by_hour_and_yesterday_is_left_out(
    migrated_staff: Path, tmp_path: Path
) -> None:
    async with scene(migrated_staff, tmp_path) as on:
        one = await on.part.campaigns.create(a_definition(), BY, NOW)
        other = await on.part.campaigns.create(a_definition(title="Lain"), BY, NOW)
        eight, ten = NOW - timedelta(hours=2), NOW - timedelta(minutes=5)
        await on.dialled(one.campaign_id, eight, DialOutcome.TALKED, "promised_to_file")
        await on.dialled(one.campaign_id, eight, DialOutcome.NO_ANSWER)
        await on.dialled(one.campaign_id, ten, DialOutcome.ABANDONED)
        await on.dialled(one.campaign_id, NOW - timedelta(days=1), DialOutcome.TALKED)
        await on.dialled(other.campaign_id, ten, DialOutcome.TALKED)
        lines = CampaignLook(one.campaign_id, 1, 2, 1, 4, 20, (), "")
        on.engine = replace(on.engine, campaigns=(lines,))
        on.floor.states = ("idle", "talking", "talking", "wrap_up")
        look = await on.watched.look(one.campaign_id)
        assert (look.ringing, look.waiting, look.talking, look.borrowed) == (3, 1, 4, 1)
        assert dict(look.agents) == {"idle": 1, "talking": 2, "wrap_up": 1}
        today = look.today
        assert (today.dialled, today.answered, today.live, today.abandoned) == (3, 2, 2, 1)
        assert (today.contacts, today.promises) == (1, 1)
        assert {hour: row.dialled for hour, row in look.hours.items()} == {8: 2, 10: 1}
        assert 0.5 < look.abandoned_upper < 1.0
        assert look.why_idle == WhyNot.CAMPAIGN_NOT_RUNNING


@pytest.mark.parametrize(
    ("states", "why", "told"),
    [
        ((), None, "no_agent"),
        (("talking",), None, "no_agent"),
        (("idle",), None, ""),
        (("idle",), WhyNot.KILL_SWITCH, "kill_switch"),
    ],
)
async def test_why_nothing_is_dialled(
    migrated_staff: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    states: tuple[str, ...],
    why: WhyNot | None,
    told: str,
) -> None:
    async with scene(migrated_staff, tmp_path) as on:
        one = await on.part.campaigns.create(a_definition(), BY, NOW)
        monkeypatch.setattr(on.part.campaigns, "get", _running(one))
        on.floor.states, on.engine = states, replace(on.engine, why=why)
        assert (await on.watched.look(one.campaign_id)).why_idle == told


def _running(one: Campaign) -> Callable[[str], Awaitable[Campaign]]:
    async def get(campaign_id: str) -> Campaign:
        return replace(one, state=CampaignState.RUNNING)

    return get


def _broken(*_: object) -> None:
    raise DatabaseProblem


async def test_without_the_database_there_is_no_look(
    migrated_staff: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scene(migrated_staff, tmp_path) as on:
        one = await on.part.campaigns.create(a_definition(), BY, NOW)
        with pytest.raises(KeyError):
            await on.watched.look("f" * 32)
        monkeypatch.setattr(Database, "read_now", _broken)
        with pytest.raises(LiveUnavailable):
            await on.watched.look(one.campaign_id)
        monkeypatch.undo()
        assert (await on.watched.look(one.campaign_id)).today.dialled == 0  # it finds back


def test_a_campaign_may_name_what_is_for_calls_of_ours(tmp_path: Path) -> None:
    settings = load_settings({"KRING_HOME": str(tmp_path)})
    flows = load_folder(settings.flows, Known.of(Library.load(settings.prompts)))
    skills = load({path.stem: path.read_text("utf-8") for path in DATA.glob("*.csv")})
    choices = OfferedChoices(load_scripts(), lambda: flows, lambda: skills, Texts.load())
    scripts, offered = dict(choices.scripts("id")), dict(choices.flows("id"))
    assert {"non_filer", "billing", "survey"} <= scripts.keys()
    assert "inbound" not in scripts
    assert offered["outbound_agent"] == "Disambungkan ke agen"
    assert "kring_pajak" not in offered
    assert "outbound" in dict(choices.skills("en"))
    names = choices.names()
    assert (set(names.scripts), set(names.flows)) == (set(scripts), set(offered))
