"""The wallboard in the running service: made, and joined with what it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from acd.driver import FloorDriver
from acd.skills import Skillbook
from dialer.campaigns import Campaign, CampaignState, CampaignStore, CampaignsUnavailable
from dialer.engine_ports import EngineLook
from domain.clock import Clock
from domain.staff import StaffStore
from ivr.announcements import AnnouncementStore, AnnouncementsUnavailable, Announcing, offered
from prompts.library import Library
from prompts.texts import LANGUAGES
from recording.alarms import Urgency, urgency
from recording.ports import RecordingsUnavailable
from reporting.counts import Counts
from reporting.facts import load_service_levels
from reporting.formulas import FORMULAS
from reporting.wall_rows import CampaignRow, Row
from reporting.wall_thresholds import WallUnavailable
from service.set_up import Prepared
from service.tree import Loop
from service.wall_source import SAMPLE_EVERY, Alarms, LiveWall, WallGround
from storage.database import Database
from storage.vault import Vault
from storage.wall import DurableMessages, DurableThresholds
from storage.wall_announcements import DurableAnnouncements
from storage.wall_day import EntriesOfDay
from web.campaign_port import LiveCampaigns, LiveLook, LiveUnavailable
from web.desk_feed import DeskFeed
from web.operations import Operations
from web.oversight_port import AlarmBook
from web.parts import Shared
from web.wall_door import WallDoor
from web.wall_message_routes import add_reading_routes
from web.wall_port import Announceable, WallPort
from web.wall_routes import add_wall_routes

ANNOUNCEMENTS_EVERY = 1.0  # seconds between two looks at what is on: others may have switched it
_PARALLEL_CAMPAIGNS = 12  # shown at once; a wall has no room for more


@dataclass(frozen=True, slots=True)
class WallStands:
    """What the wallboard stands on."""

    prepared: Prepared
    database: Database
    vault: Vault
    floor: FloorDriver
    book: Callable[[], Skillbook]
    operations: Operations
    people: StaffStore
    callers: Callable[[], int]  # calls inside
    engine: Callable[[], EngineLook] | None  # None: nothing dials here
    campaigns: CampaignStore
    live: Callable[[], LiveCampaigns | None]
    alarms: AlarmBook
    announcing: Announcing
    clock: Clock


class WallPart:
    """The wallboard's port, and what runs for it."""

    def __init__(self, on: WallStands) -> None:
        """Raises desk.matter_data.TableProblem."""
        self._on = on
        self._desk: DeskFeed | None = None
        store = DurableAnnouncements(on.database)
        thresholds, messages = DurableThresholds(on.database), DurableMessages(on.database, on.vault)
        self._announcements = AnnouncementsInForce(store, on.announcing, on.clock)
        ground = WallGround(
            agents=on.floor.agents,
            queues=on.floor.queues,
            book=on.book,
            entries=EntriesOfDay(on.database),
            levels=load_service_levels(),
            thresholds=thresholds,
            messages=messages,
            announcing=on.announcing,
            line=on.operations.line,
            readiness=on.operations.readiness,
            trunks=self._trunks,
            alarms=partial(open_alarms, on.alarms),
            campaigns=partial(running_campaigns, on.campaigns, on.live),
            look_at_announcements=self._announcements.look,
            clock=on.clock,
        )
        self.source = LiveWall(ground)
        self.port = WallPort(
            source=self.source,
            thresholds=thresholds,
            messages=messages,
            announcements=store,
            prompts=self._prompts,
            people=on.people,
            queues=lambda: tuple(on.book().requirements),
            reasons=self._reasons,
        )

    def loops(self) -> Sequence[Loop]:
        """Return what runs every now and then."""
        return [
            Loop("announcements", ANNOUNCEMENTS_EVERY, self._announcements.look),
            Loop("wall-course", SAMPLE_EVERY, self.source.sample),
        ]

    def join_desk(self, feed: DeskFeed) -> None:
        """Let agents' pages be told of messages."""
        self._desk = feed

    def add_routes(self, shared: Shared) -> WallDoor:
        """Add the pages (a `web.app.Area`), after the agent's page was joined."""
        door = add_wall_routes(shared, self.port)
        if self._desk is not None:
            add_reading_routes(door, self._desk)
        return door

    def _prompts(self) -> Sequence[Announceable]:
        return announceable(self._on.prepared.library)

    def _trunks(self) -> Mapping[str, tuple[int, int]]:
        settings = self._on.prepared.asterisk
        found = {"in": (self._on.callers(), settings.max_calls)}
        if self._on.engine is not None:
            found["out"] = (self._on.engine().lines, settings.outbound_lines)
        return found

    def _reasons(self, language: str) -> Mapping[str, str]:
        rows = self._on.book().tables.reasons
        return {row.name: row.indonesian if language == "id" else row.english for row in rows}


class AnnouncementsInForce:
    """Keeps what callers hear fresh."""

    def __init__(self, store: AnnouncementStore, announcing: Announcing, clock: Clock) -> None:
        self._store, self._announcing, self._clock = store, announcing, clock

    async def look(self) -> None:
        """Take up what is on. Raises WallUnavailable; callers then hear what was on."""
        try:
            self._announcing.known = await self._store.coming(self._clock.now())
        except AnnouncementsUnavailable as error:
            raise WallUnavailable(str(error)) from error


def announceable(library: Library) -> Sequence[Announceable]:
    """Return the prompts that may be announced: they are there in both languages and speak no values.

    With what callers hear now: an installation's own texts, and announcements of its own.
    """
    said = library.said()
    return [
        Announceable(name, said[name].texts)
        for name in offered(said)
        if set(said[name].texts) == set(LANGUAGES) and not library.slots(name)
    ]


async def open_alarms(book: AlarmBook) -> Alarms:
    """Return the open alarms about recordings. Raises WallUnavailable."""
    try:
        found = await book.open()
    except RecordingsUnavailable as error:
        raise WallUnavailable(str(error)) from error
    ordered = sorted(found, key=lambda one: -urgency(one.kind, one.detail))
    at_once = sum(urgency(one.kind, one.detail) is Urgency.AT_ONCE for one in found)
    return Alarms([one.kind.value for one in ordered], at_once)


async def running_campaigns(
    store: CampaignStore, looking: Callable[[], LiveCampaigns | None]
) -> Mapping[str, Row]:
    """Return the campaigns that run or are paused, newest first. Raises WallUnavailable."""
    live = looking()
    if live is None:
        return {}
    shown = {CampaignState.RUNNING, CampaignState.PAUSED}
    try:
        found = [one for one in await store.all() if one.state in shown][:_PARALLEL_CAMPAIGNS]
        return {one.campaign_id: _row(one, await live.look(one.campaign_id)) for one in found}
    except (CampaignsUnavailable, LiveUnavailable) as error:
        raise WallUnavailable(str(error)) from error
    except KeyError:  # removed meanwhile: the next look knows
        return {}


def _row(one: Campaign, look: LiveLook) -> CampaignRow:
    today = look.today
    counts = Counts(contacts=today.live, out_abandoned=today.abandoned)
    return CampaignRow(
        title=one.definition.title,
        state=one.state.value,
        pacing=look.pacing,
        ringing=look.ringing,
        waiting=look.waiting,
        talking=look.talking,
        agents=sum(look.agents.values()),
        idle=look.agents.get("idle", 0),
        dialled=today.dialled,
        answered=today.answered,
        abandoned=today.abandoned,
        abandon_rate=FORMULAS["out_abandonment"].of(counts).value,
        over_limit=look.abandoned_upper > one.definition.abandon_limit and today.abandoned > 0,
        why_idle=str(look.why_idle),
    )
