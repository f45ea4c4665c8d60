"""The floor in the running service: its parts joined, its place in the tree, its tables kept fresh."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import ari
from acd import blending
from acd.driver import FloorDriver
from acd.floor import Floor
from acd.floor_rules import FloorRules
from acd.ports import FloorLegs, FloorObserver
from acd.requests import Refused
from acd.skills import Skillbook
from domain.accounts import Account, AccountKind, AccountStore
from domain.clock import Clock
from domain.ids import new_id
from domain.telephony import CallControl
from ivr.callback_calls import CallbackCalls
from prompts.library import Library
from service.accounts import Accounts
from service.desk_calls import DeskCalls, DeskParts
from service.dial_codes import load_dial_codes
from service.line_watch import LineWatch
from service.tree import Part
from storage.acd_tables import TablesWatch
from storage.database import Database
from storage.floor_entries import entries_of_live_calls
from storage.floor_log import DurableFloorLog

log = logging.getLogger(__name__)

LOOK_AGAIN = 1.0  # seconds until a phone that could not be rung is looked at again


async def make_driver(
    book: Skillbook, record: DurableFloorLog, legs: FloorLegs, clock: Clock, observer: FloorObserver
) -> FloorDriver:
    """Return the floor with its driver. Raises CallLogUnavailable; BlendingRefused."""
    first_offer = 1 + await record.last_offer()
    floor = Floor(book, FloorRules.of(book.tables.rules), new_id, first_offer, blending.shipped())
    return FloorDriver(floor, legs, record, clock, observer)


def make_desk(
    floor: FloorDriver,
    accounts: Accounts,
    phones: CallControl,
    library: Library,
    language: str,
    clock: Clock,
    book: Skillbook,
) -> DeskCalls:
    """Return who serves the codes of agents' phones. Raises service.dial_codes.BadDialCodes."""

    def call_later(seconds: float, function: Callable[[], None]) -> object:
        return asyncio.get_running_loop().call_later(seconds, function)

    parts = DeskParts(
        phones=phones,
        floor=floor,
        agent_of=accounts.agent_of,
        say=lambda prompt: library.sounds(prompt, language, {}),
        monotonic=clock.monotonic,
        call_later=call_later,
    )
    return DeskCalls(parts, load_dial_codes(book.tables.reasons))


class FloorPart(Part):
    """The floor's memory and its record. Starts before Asterisk is connected."""

    name = "floor"

    def __init__(
        self, driver: FloorDriver, callbacks: CallbackCalls, record: DurableFloorLog, database: Database
    ) -> None:
        self._database = database
        self._driver = driver
        self._callbacks = callbacks
        self._record = record

    async def begin(self) -> None:
        """Take up what was on record."""
        await self._driver.restore(await entries_of_live_calls(self._database))
        await self._callbacks.restore()

    async def end(self) -> None:
        """Make what is queued durable; talks go on in Asterisk."""
        await self._driver.stop()
        await self._record.close()

    def trouble(self) -> str | None:
        """Return why rows cannot be written, if so."""
        return self._record.trouble


@dataclass(slots=True)
class Tables:
    """The administrator's tables as the floor goes by them."""

    book: Skillbook


async def refresh_tables(watch: TablesWatch, tables: Tables, floor: FloorDriver, desk: DeskCalls) -> None:
    """Take tables that were put in force meanwhile."""
    book = await watch.changed()
    if book is None:
        return
    try:
        floor.adopt(book)
    except Refused as refused:
        log.error("new tables cannot be used yet: %s", refused)  # noqa: TRY400 - its own words say it
        watch.number = -1  # tried again at the next look
    else:
        tables.book = book
        desk.adopt(book.tables.reasons)


class DoubtedPhones:
    """Phones that Asterisk counts as reachable and could not ring: out of reach until looked at again."""

    def __init__(self, accounts: Accounts, floor: FloorDriver) -> None:
        self._accounts = accounts
        self._floor = floor

    def doubt(self, account: str) -> None:
        """A phone could not be rung."""
        agent = self._accounts.agent_of(account)
        if agent is not None:
            self._floor.phone(agent, account, False)
            asyncio.get_running_loop().call_later(LOOK_AGAIN, self._look, agent, account)

    def _look(self, agent: str, account: str) -> None:
        if self._accounts.is_reachable(account):
            self._floor.phone(agent, account, True)


class OfficeAccounts:
    """Agents' accounts for the API (`web.accounts_api.AccountPort`): only for agents of the tables."""

    def __init__(self, accounts: Accounts, store: AccountStore, knows: Callable[[str], bool]) -> None:
        self._accounts = accounts
        self._store = store
        self._knows = knows

    async def create(self, agent: str, kind: AccountKind) -> tuple[Account, str]:
        """Make an account; return it and its secret. Raises LookupError: no such agent."""
        if not self._knows(agent):
            raise LookupError("no agent has this staff number; look at: kring acd agents")
        return await self._accounts.create(agent, kind)

    async def revoke(self, account: str) -> Account:
        """Revoke an account. Raises LookupError: there is none of this name."""
        return await self._accounts.revoke(account)

    async def all(self) -> Sequence[Account]:
        """Return every account there ever was, oldest first."""
        return await self._store.all()

    def is_reachable(self, account: str) -> bool:
        """Whether the account's phone is registered and answers."""
        return self._accounts.is_reachable(account)


def join_accounts(client: ari.Client, accounts: Accounts, floor: FloorDriver) -> None:
    """Bring accounts and Asterisk together at every (re)connect, and tell the floor of phones and lines."""
    LineWatch(client)
    accounts.on_phone(floor.phone)
    client.on_reconcile(accounts.refresh)


def knows_agent(floor: FloorDriver) -> Callable[[str], bool]:
    """Return whether a staff number is in the floor's tables, as a function."""
    return partial(_is_known, floor)


def _is_known(floor: FloorDriver, agent: str) -> bool:
    return any(view.agent == agent for view in floor.agents())
