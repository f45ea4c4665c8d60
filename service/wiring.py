"""The only file that knows every class: makes the parts and joins them into a service."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import ari
from acd.driver import FloorDriver
from ari.client import SLOW
from asterisk_conf.embedded import EmbeddedAsterisk
from asterisk_conf.settings import APPLICATION, ARI_USER
from call_flows.book import read_folder
from call_flows.problems import FlowError
from desk.matter_data import TableProblem
from desk.tables import BadTable
from domain.clock import Clock, SystemClock
from ivr.announcements import Announcing
from ivr.callback_calls import CallbackCalls
from ivr.callbacks import Bookings
from ivr.hours import OfficeHours
from ivr.hours_tables import load_callback_rules
from ivr.look_ups import LineHours, look_ups
from ivr.ports import Ports
from ivr.shelf import FlowShelf
from ivr.switchboard import Switchboard
from service import floor_part
from service.accounts import LANE, Accounts
from service.admission import AdmissionPart, Throttle
from service.agent_telephony import LEG_LANES, AriLegControl
from service.banner import sip_address
from service.desk_calls import DeskCalls
from service.floor_metrics import FloorMetrics
from service.flow_folder import FlowFolder
from service.jobs import JobsPart
from service.joined import Calls, Records, open_records
from service.line_state import LineState, always_open
from service.live_calls import live_calls
from service.measured_log import MeasuredCallLog
from service.metrics import Metrics
from service.operations import ServiceOperations
from service.outbound_events import OutboundEvents
from service.outbound_side import OutboundGround, open_outbound
from service.pages_join import PAGE_PROBLEMS, filled, join_pages
from service.parts import AriPart, AsteriskPart, StoragePart, WebPart, listen
from service.recording_side import RecordingGround, RecordingSide
from service.set_up import Prepared
from service.slow_checks import database, prompts
from service.telephony import AriCallControl, AriEvents
from service.tree import Loop, LoopLag, ServiceTree, StartFailed
from storage.acd_tables import TablesWatch
from storage.flow_archive import DatabaseFlowArchive
from web.assets import Assets
from web.operations import Line

# What neither switchboard nor floor acts on; each event costs its sending, reading and decoding.
UNHEEDED = (
    *ari.HIDDEN_EVENTS,
    "BridgeCreated",
    "BridgeDestroyed",
    "ChannelCallerId",
    "ChannelConnectedLine",
    "ChannelCreated",
    "ChannelLeftBridge",
    "ChannelStateChange",
    "ChannelHold",
    "ChannelUnhold",
    "PlaybackContinuing",
    "PlaybackStarted",
)
DRAIN_LOOK = 0.1  # seconds
ACCOUNTS_EVERY = 60.0  # seconds between two comparisons of accounts with Asterisk: they heal a failed push
CALLBACKS_EVERY = 5.0  # seconds between two looks at the callback book
REFRESH = 1.0  # seconds between two looks at the flow folder, the switch and the days


@dataclass(frozen=True, slots=True)
class Service:
    """A service ready to begin."""

    tree: ServiceTree
    line: Callable[[], Line]
    drain: Callable[[], Awaitable[None]] | None  # None: the calls outlive the service in Asterisk


async def build(prepared: Prepared, metrics: Metrics, fatal: Callable[[str], None]) -> Service:
    """Make the service of a prepared installation.

    `fatal` is called when it cannot go on. Raises StartFailed.
    """
    settings = prepared.settings
    listener = listen(settings.web_host, settings.web_port)  # first: a taken port costs no call
    records = await open_records(prepared)
    try:
        calls = await _join_calls(prepared, records, metrics)
    except (BadTable, TableProblem) as error:
        raise StartFailed(str(error)) from error
    tree = ServiceTree()
    tree.add(StoragePart(records.database, records.call_log))
    tree.add(floor_part.FloorPart(calls.floor, calls.callbacks, records.floor, records.database))
    asterisk = _asterisk(prepared, metrics)
    if asterisk is not None:
        tree.add(asterisk)
    ari_part = AriPart(calls.client, metrics.restarted, fatal, wait=asterisk is not None)
    tree.add(ari_part)
    admission = _admission(prepared, calls, metrics)
    tree.add(admission)
    for part in (*calls.outbound.parts(), *calls.recording.parts()):
        tree.add(part)
    tree.add(Loop("line-state", REFRESH, calls.line.refresh))
    tree.add(calls.folder.part(REFRESH))
    tree.add(calls.tables_refresh)
    tree.add(Loop("callbacks", CALLBACKS_EVERY, calls.callbacks.look))
    tree.add(Loop("accounts", ACCOUNTS_EVERY, calls.accounts.refresh))
    tree.add(LoopLag(metrics.loop_late))
    tree.add(JobsPart(prepared.settings, metrics, calls.line))
    assets = Assets.load()
    operations = _operations(prepared, tree, calls, records, metrics, assets)
    try:
        pages = join_pages(prepared, calls, records, operations, metrics, assets)
    except PAGE_PROBLEMS as error:
        raise StartFailed(str(error)) from error
    for part in pages.parts():
        tree.add(part)
    tls = settings.web_files if settings.pages_by_tls else None
    tree.add(WebPart(pages.app, listener, tls, filled(pages)))
    drain = partial(_drain, admission, calls.switchboard, settings.drain)
    return Service(tree, calls.line.line, drain if asterisk is not None else None)


async def _join_calls(prepared: Prepared, records: Records, metrics: Metrics) -> Calls:
    settings, clock = prepared.settings, SystemClock()
    line_hours, line = await _open_line(prepared, records, clock)
    shelf = await _open_shelf(prepared, records)
    client = _client(prepared, metrics)
    control, legs = AriCallControl(client), AriLegControl(client)
    number, book = await records.tables.book()
    tables = floor_part.Tables(book)
    ground = OutboundGround(
        prepared, records.database, records.vault, records.directory, clock,
        lambda: line_hours.hours, lambda: shelf.current, lambda: tables.book,
    )  # fmt: skip
    outbound = await open_outbound(ground)
    observer = FloorMetrics(metrics.registry)
    floor = await floor_part.make_driver(book, records.floor, legs, clock, observer)
    observer.look_at(floor)
    log = MeasuredCallLog(records.call_log, metrics.committed)
    announcing = Announcing(clock)
    answers = look_ups(line_hours, records.directory, outbound.look_ups(), announcing.announcement)
    bookings = Bookings(records.callbacks, line_hours, load_callback_rules(), clock)
    offered = bookings if settings.outbound else None  # without a way out nobody can be called back
    ports = Ports(control, log, answers, floor, prepared.library, clock, metrics, offered, outbound.events)
    switchboard = Switchboard(ports, shelf)
    callbacks = CallbackCalls(records.callbacks, bookings, floor, clock)
    floor.connect(switchboard, callbacks)
    outbound.join(client, floor, switchboard, metrics.registry)
    line.on_shut = floor.shut
    accounts = Accounts(records.accounts, client, prepared.asterisk, clock)
    desk = floor_part.make_desk(floor, accounts, control, prepared.library, settings.language, clock, book)
    _listen(client, control, legs, switchboard, floor, accounts, desk, outbound.events)
    recording = RecordingSide(
        RecordingGround(prepared, records.database, records.vault, clock, metrics.registry)
    )
    recording.join(client, legs, floor, switchboard, outbound)
    watch = TablesWatch(records.tables, number)
    refresh = Loop("tables", REFRESH, partial(floor_part.refresh_tables, watch, tables, floor, desk))
    folder = FlowFolder(settings.flows, shelf)
    return Calls(
        client,
        switchboard,
        floor,
        accounts,
        callbacks,
        tables,
        refresh,
        shelf,
        line,
        line_hours,
        folder,
        outbound,
        recording,
        announcing,
    )


async def _open_line(prepared: Prepared, records: Records, clock: Clock) -> tuple[LineHours, LineState]:
    hours = always_open(prepared.hours) if prepared.settings.hours == "always" else prepared.hours
    line_hours = LineHours(hours, clock)
    line = LineState(line_hours, clock, partial(_fetch_line, records, hours))
    await line.refresh()
    return line_hours, line


async def _open_shelf(prepared: Prepared, records: Records) -> FlowShelf:
    flows = prepared.settings.flows
    shelf = FlowShelf(DatabaseFlowArchive(records.database), prepared.known)
    try:
        await shelf.open(read_folder(flows), prepared.book)
    except FlowError as error:
        raise StartFailed(f"{flows}: {error}") from error
    return shelf


def _listen(
    client: ari.Client,
    control: AriCallControl,
    legs: AriLegControl,
    switchboard: Switchboard,
    floor: FloorDriver,
    accounts: Accounts,
    desk: DeskCalls,
    outbound: OutboundEvents,
) -> None:
    """Let what Asterisk tells reach whom it concerns. Accounts come first at every (re)connect."""
    floor_part.join_accounts(client, accounts, floor)
    control.on_unplayed(partial(switchboard.playback_ended, ok=False))
    legs.on_leg_gone(floor.leg_gone)
    legs.on_unreachable(floor_part.DoubtedPhones(accounts, floor).doubt)
    AriEvents(client, switchboard, floor, desk, legs.take_stock, outbound)


def _client(prepared: Prepared, metrics: Metrics) -> ari.Client:
    client = ari.Client(
        f"http://127.0.0.1:{prepared.settings.ari_port}",
        ARI_USER,
        prepared.secrets.ari_password,
        APPLICATION,
        lanes=(SLOW, LANE, *LEG_LANES),
        hidden_events=UNHEEDED,
    )
    client.on_failure(partial(_count_failure, metrics))
    client.on_state(metrics.controlled)
    return client


async def _fetch_line(records: Records, hours: OfficeHours) -> tuple[bool, OfficeHours]:
    """Return the switch, and the shipped hours with the administrator's days."""
    shut = await records.switch.is_shut()
    return shut, hours.with_overrides(await records.calendar.all())


def _count_failure(metrics: Metrics, error: ari.AriError) -> None:
    if not isinstance(error, ari.Gone):  # the caller hung up first: no failure
        metrics.ari_failed(type(error).__name__)


def _asterisk(prepared: Prepared, metrics: Metrics) -> AsteriskPart | None:
    if prepared.program is None:
        return None
    embedded = EmbeddedAsterisk(prepared.asterisk, prepared.program, progress=lambda _: None)
    return AsteriskPart(embedded, metrics.restarted)


def _admission(prepared: Prepared, calls: Calls, metrics: Metrics) -> AdmissionPart:
    asterisk = calls.client.asterisk

    async def tell(limit: int) -> None:
        await asterisk.set_global_var(variable="KRING_LIMIT", value=str(limit), lane="slow", deadline=2.0)
        metrics.limited(limit)

    async def ping() -> None:
        await asterisk.ping(deadline=2.0)

    part = AdmissionPart(
        Throttle(prepared.settings.max_calls),
        inside=calls.switchboard.__len__,
        ping=ping,
        tell=tell,
        observe=metrics.ari_answered,
    )
    calls.client.on_state(lambda _: part.forget())
    return part


def _operations(
    prepared: Prepared, tree: ServiceTree, calls: Calls, records: Records, metrics: Metrics, assets: Assets
) -> ServiceOperations:
    program = prepared.program

    def facts() -> Mapping[str, str]:
        asterisk = program.version.split("+")[0] if program is not None else "external"
        return {"asterisk": asterisk, "flows": calls.shelf.current.version}

    async def switch(shut: bool) -> None:
        if shut:
            await records.switch.close(who="status page", reason="closed on the status page")
        else:
            await records.switch.open(who="status page")
        await calls.line.refresh()

    return ServiceOperations(
        tree,
        metrics,
        _dial(prepared),
        calls=partial(live_calls, calls.switchboard),
        line=calls.line.line,
        switch=switch,
        facts=facts,
        slow_checks=(partial(database, records.database), partial(prompts, prepared.library), assets.check),
    )


def _dial(prepared: Prepared) -> Sequence[str]:
    return (sip_address(prepared.settings),)


async def _drain(admission: AdmissionPart, switchboard: Switchboard, seconds: float) -> None:
    """Take no more calls, and let those inside come to their end for so long."""
    try:
        await admission.close()
    except (ari.AriError, OSError):
        return  # Asterisk is away: there is nothing to drain
    for _ in range(int(seconds / DRAIN_LOOK)):
        if not len(switchboard):
            return
        await asyncio.sleep(DRAIN_LOOK)
