"""The pages in the running service: every area of the application joined with what stands behind it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from acd.driver import FloorDriver
from acd.skills import Skillbook
from desk.branches import load_branches
from desk.notes import DRAFT_KEPT
from desk.proof_desk import ProofDesk, ProvedStandings
from desk.proof_rules import load_proof_tables
from desk.script_book import load_scripts
from desk.spelling import load_spelling
from domain.accounts import AccountKind, AccountStore
from domain.clock import Clock
from domain.directory import TaxpayerRecords
from ivr.announcements import Announcing
from ivr.hours import OfficeHours
from ivr.switchboard import Switchboard
from recording.persons import OpenRecordings
from service import floor_part
from service.accounts import Accounts
from service.config_side import make_config
from service.figure_answers import FiguresApart
from service.figure_answers_wire import Place
from service.figure_pages import FigureGround, make_figure_area
from service.figures_part import make_figures
from service.live_story import LiveStories
from service.matter_side import MatterGround, MatterSide
from service.outbound_side import OutboundSide
from service.page_ports import OfficeCalendar, RegisteredNames
from service.plan_side import PlanGround, PlanSide
from service.quality_side import QualitySide, ReviewersGround
from service.recording_side import RecordingSide
from service.report_part import ReportGround, ReportPart, make_reports
from service.schedule_part import ScheduleStands, make_schedules
from service.secrets import MASTER_KEY
from service.set_up import Prepared
from service.softphone_part import SoftphonePart
from service.staff_part import StaffPart, web_hosts
from service.tree import Loop, Part
from service.wall_part import WallPart, WallStands
from storage.assignments import FloorAssignments
from storage.call_stories import DurableStories
from storage.database import Database
from storage.interaction_calls import DurableTicks, RecordedCallFacts
from storage.person_notes import RestrictedInteractions
from storage.proofs import DurableProofs
from storage.vault import Vault
from web.accounts_api import add_account_routes
from web.app import Application, Area, Behind
from web.assets import Assets, add_asset_routes
from web.card_routes import CardPort, add_card_routes
from web.desk_feed import DeskFeed
from web.desk_port import DeskPort
from web.desk_routes import add_desk_routes
from web.floor_api import add_floor_routes
from web.home_pages import add_home_routes
from web.matter_routes import add_matter_routes
from web.note_port import NotePort
from web.note_routes import add_note_routes
from web.operations import Operations
from web.outbound_port import OutboundPort
from web.outbound_routes import add_outbound_routes
from web.parts import Shared
from web.proof_routes import ProofPort, add_proof_routes
from web.recording_routes import add_recording_routes
from web.rendering import Renderer
from web.script_port import ScriptPort
from web.script_routes import add_script_routes
from web.status_pages import add_status_routes
from web.texts import Texts

DRAFTS_EVERY = 3600.0  # seconds between two looks for drafts that are too old


@dataclass(frozen=True, slots=True)
class Stands:
    """What the pages stand on."""

    prepared: Prepared
    database: Database
    vault: Vault
    register: TaxpayerRecords
    account_store: AccountStore
    floor: FloorDriver
    accounts: Accounts
    switchboard: Switchboard
    hours: Callable[[], OfficeHours]  # in force
    book: Callable[[], Skillbook]  # the administrator's tables in force
    clock: Clock
    assets: Assets
    outbound: OutboundSide
    recording: RecordingSide
    announcing: Announcing | None = None  # what callers hear first; None: nobody calls


class Pages:
    """The application, and what runs beside it."""

    def __init__(self, on: Stands, operations: Operations, staff: StaffPart, phones: SoftphonePart) -> None:
        self._on, self._staff, self._phones = on, staff, phones
        self._texts = Texts.load()
        self._calendar = OfficeCalendar(on.hours)
        self._branches = load_branches()
        self._spelling = load_spelling()
        self._proofs = DurableProofs(on.database, on.vault)
        settings = on.prepared.settings
        self._answers = FiguresApart(Place(settings.database, str(settings.secrets_folder / MASTER_KEY)))
        counted_here = make_figures(on.database, on.vault, on.clock)
        self._figures = replace(counted_here, figures=self._answers, own=self._answers)
        stories = DurableStories(
            on.database, on.vault, LiveStories(on.switchboard), on.outbound.agents.placed
        )
        self._standings = ProvedStandings(stories, self._proofs, load_proof_tables())
        self._interactions = RestrictedInteractions(
            on.database, on.vault, on.recording.persons.restricted, on.clock
        )
        self._matters = self._make_matters()
        self._quality = self._make_quality()
        self._config = make_config(on.prepared, on.database, on.vault, on.clock, staff.people)
        self._plans = PlanSide(
            PlanGround(
                on.prepared, on.database, self._figures.figures, on.hours, on.book, staff.people, on.clock
            )
        )
        self._reports = self._make_reports()
        self._wall = self._make_wall(operations)
        self._operations = operations
        self._application = self._open()
        self.app = self._application.app

    def parts(self) -> list[Part]:
        """Return what runs beside the pages, for the service's tree."""
        return [
            self._answers,
            self._staff.loop(),
            self._phones.loop(),
            Loop("drafts", DRAFTS_EVERY, self._purge_drafts),
            *self._quality.loops(),
            *self._matters.loops(),
            *self._config.loops(),
            *self._plans.loops(),
            *self._wall.loops(),
            *self._figures.loops(),
            *self._reports.loops(),
        ]

    def _make_matters(self) -> MatterSide:
        on = self._on
        return MatterSide(
            MatterGround(
                on.database,
                on.vault,
                on.register,
                self._staff.people,
                on.book,
                self._calendar,
                self._spelling,
                on.outbound,
                on.clock,
            )
        )

    def _make_reports(self) -> ReportPart:
        on = self._on
        return make_reports(
            ReportGround(
                on.prepared.settings,
                on.database,
                on.vault,
                on.clock,
                self._figures.figures,
                self._staff.people,
                self._branches,
                on.book,
                on.outbound.campaigns.campaigns,
                self._texts,
                self._answers,
            )
        )

    def _make_wall(self, operations: Operations) -> WallPart:
        on, dialer = self._on, self._on.outbound.dialer
        return WallPart(
            WallStands(
                on.prepared,
                on.database,
                on.vault,
                on.floor,
                on.book,
                operations,
                self._staff.people,
                on.switchboard.__len__,
                None if dialer is None else dialer.look,
                on.outbound.campaigns.campaigns,
                lambda: on.outbound.live,
                on.recording.alarms,
                on.announcing or Announcing(on.clock),
                on.clock,
            )
        )

    def _make_quality(self) -> QualitySide:
        on = self._on
        return QualitySide(
            ReviewersGround(
                on.prepared,
                on.database,
                on.vault,
                on.clock,
                on.recording,
                on.outbound.campaigns,
                self._staff.people,
                self._calendar,
                on.book,
                self._standings,
                self._proofs,
                self._interactions,
                load_scripts(),
                self._branches,
            )
        )

    async def _purge_drafts(self) -> None:
        await self._interactions.purge_drafts(self._on.clock.now() - DRAFT_KEPT)

    def fill(self) -> Iterator[None]:
        """Add the areas to the application, one at each step: together they take half a second of CPU.

        Raises what reading their tables raises: desk.matter_data.TableProblem and its like.
        """
        for area in self._areas():
            self._application.add(area)
            yield

    def _open(self) -> Application:
        on, settings = self._on, self._on.prepared.settings
        behind = Behind(
            self._operations,
            self._staff.sessions,
            Renderer(self._texts, on.assets.asset, settings.language),
            on.clock,
            self._staff.audit,
            on.floor,
            FloorAssignments(on.database, on.floor),
            self._standings,
            on.prepared.secrets.floor_token,
        )
        return Application(behind, web_hosts(settings), strict_transport=settings.strict_transport)

    def _areas(self) -> list[Area]:
        on = self._on
        return [
            partial(add_asset_routes, assets=on.assets),
            self._staff.add_routes,
            add_home_routes,
            partial(add_status_routes, operations=self._operations),
            *self._floor_areas(),
            *self._call_areas(),
            *on.outbound.areas(self._staff.people, self._texts),
            *on.recording.areas(),
            *self._quality.areas(),
            self._plans.area(),
            self._figure_area(),
            self._reports.area(),
            *self._schedule_areas(),
            *self._config.areas(),
            self._wall.add_routes,
        ]

    def _figure_area(self) -> Area:
        on, found = self._on, self._figures
        return make_figure_area(
            FigureGround(
                found.figures,
                found.channels,
                self._staff.people,
                OpenRecordings(on.recording.book, on.recording.persons.restricted),
                self._branches,
                on.book,
                on.outbound.campaigns.campaigns,
                on.prepared.settings,
            )
        )

    def _schedule_areas(self) -> list[Area]:
        on = self._on
        people, calendar = self._staff.people, self._calendar
        return make_schedules(
            ScheduleStands(on.database, on.vault, on.clock, calendar, on.hours, on.book, people)
        ).areas()

    def _floor_areas(self) -> list[Area]:
        on = self._on
        knows = floor_part.knows_agent(on.floor)
        office = floor_part.OfficeAccounts(on.accounts, on.account_store, knows)
        desk = DeskPort(on.book, self._kind_of, self._figures.own, self._staff.sessions.on_end, outbound=True)
        return [
            add_floor_routes,
            partial(add_account_routes, accounts=office),
            partial(_add_agents_work, desk=desk, outbound=on.outbound.agents.port, wall=self._wall),
            self._phones.add_routes,
        ]

    def _call_areas(self) -> list[Area]:
        on, people = self._on, self._staff.people
        desk = ProofDesk(self._standings, self._proofs, on.register, self._staff.audit, on.clock)
        facts = RecordedCallFacts(on.database)
        card = CardPort(
            self._standings, on.register, self._interactions, self._matters.matters, self._branches.name
        )
        script = ScriptPort(
            load_scripts(),
            DurableTicks(on.database),
            facts,
            self._branches,
            self._spelling,
            self._calendar.part_of_day,
            RegisteredNames(on.register),
            purposes=on.outbound.agents.purposes,
            past=self._interactions,
        )
        note = NotePort(self._interactions, self._branches, facts, self._figures.own, on.register)
        recording = on.recording.capture.capture
        return [
            partial(add_card_routes, port=card),
            partial(add_proof_routes, port=ProofPort(self._standings, desk, people, recording)),
            partial(add_recording_routes, port=recording),
            partial(add_script_routes, port=script),
            partial(add_note_routes, port=note),
            partial(add_matter_routes, port=self._matters.port()),
        ]

    def _kind_of(self, account: str) -> AccountKind | None:
        accounts = self._on.accounts
        mine = accounts.accounts_of(accounts.agent_of(account) or "")
        return next((one.kind for one in mine if one.account == account), None)


def _add_agents_work(shared: Shared, desk: DeskPort, outbound: OutboundPort, wall: WallPart) -> DeskFeed:
    """Add the agent's page with the outbound work in it; return the feed of both, to be closed at the end."""
    feed = add_desk_routes(shared, desk)
    wall.join_desk(feed)
    add_outbound_routes(shared, outbound, feed)
    return feed
