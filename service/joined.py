"""What the service is joined of: what serves calls, and what keeps records."""

import asyncio
from dataclasses import dataclass

import ari
from acd.driver import FloorDriver
from ivr.announcements import Announcing
from ivr.callback_calls import CallbackCalls
from ivr.look_ups import LineHours
from ivr.shelf import FlowShelf
from ivr.switchboard import Switchboard
from service import floor_part
from service.accounts import Accounts
from service.flow_folder import FlowFolder
from service.line_state import LineState
from service.outbound_side import OutboundSide
from service.recording_side import RecordingSide
from service.set_up import Prepared
from service.tree import Loop
from storage.accounts import DurableAccounts
from storage.acd_tables import AcdTables
from storage.calendar import CalendarOverrides
from storage.call_log import DurableCallLog
from storage.callbacks import DurableCallbacks
from storage.database import Database
from storage.directory import DatabaseDirectory
from storage.floor_log import DurableFloorLog
from storage.line_switch import LineSwitch
from storage.vault import Vault


@dataclass(slots=True)
class Calls:
    """What serves calls, joined."""

    client: ari.Client
    switchboard: Switchboard
    floor: FloorDriver
    accounts: Accounts
    callbacks: CallbackCalls
    tables: floor_part.Tables
    tables_refresh: Loop
    shelf: FlowShelf
    line: LineState
    hours: LineHours
    folder: FlowFolder
    outbound: OutboundSide
    recording: RecordingSide
    announcing: Announcing


@dataclass(slots=True)
class Records:
    """What keeps records, open."""

    database: Database
    vault: Vault
    call_log: DurableCallLog
    directory: DatabaseDirectory
    accounts: DurableAccounts
    callbacks: DurableCallbacks
    floor: DurableFloorLog
    tables: AcdTables
    switch: LineSwitch
    calendar: CalendarOverrides


async def open_records(prepared: Prepared) -> Records:
    """Open what keeps records in a prepared installation. Raises `storage.database.DatabaseProblem`."""
    loop = asyncio.get_running_loop()
    vault = Vault.load(prepared.secrets.master_key_file)
    database = await loop.run_in_executor(None, Database.open, prepared.settings.database)
    return Records(
        database,
        vault,
        DurableCallLog(database, vault, loop),
        DatabaseDirectory(database, vault),
        DurableAccounts(database, vault),
        DurableCallbacks(database, vault),
        await loop.run_in_executor(None, DurableFloorLog, database, loop),
        AcdTables(database, vault),
        LineSwitch(database),
        CalendarOverrides(database),
    )
