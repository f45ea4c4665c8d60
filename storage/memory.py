"""The call record, flow archive, register, accounts and callbacks in memory, for tests and for trials.

They keep the same promises as the real ones (the same contract tests run on them), except that
nothing survives the process.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from domain.accounts import Account, AccountsUnavailable
from domain.call_log import CallLogUnavailable
from domain.callbacks import Callback, CallbackOutcome, CallbacksUnavailable
from domain.calls import Call, CallEvent, EndReason, EventKind
from domain.directory import DirectoryUnavailable, Taxpayer
from domain.floor_log import AgentRow, FloorRow, LegRow, OfferRow
from storage.callbacks import check_booking
from storage.floor_rows import table_row
from storage.rows import check_continuous


class MemoryCallLog:
    """A `domain.call_log.CallLog` in memory. While `broken` is set, every write is refused."""

    def __init__(self) -> None:
        self.broken = False
        self._calls: dict[str, Call] = {}
        self._events: dict[str, list[CallEvent]] = {}

    def open(self, call: Call, events: Sequence[CallEvent], *, urgent: bool = True) -> Awaitable[None]:
        """Record a new call with its first events."""
        return _settled(self._put(call, events))

    def append(self, events: Sequence[CallEvent], *, urgent: bool = True) -> Awaitable[None]:
        """Append events of one call; ENDED also closes its header."""
        return _settled(self._put(None, events))

    async def unfinished(self) -> list[Call]:
        """Return the calls that have no end yet, oldest first."""
        self._check_works()
        running = [call for call in self._calls.values() if call.ended_at is None]
        return sorted(running, key=lambda call: (call.started_at, call.call_id))

    async def events(self, call_id: str) -> list[CallEvent]:
        """Return a call's events in order."""
        self._check_works()
        return list(self._events.get(call_id, []))

    async def on_channel(self, channel: str) -> Call | None:
        """Return the latest call that a channel carried."""
        self._check_works()
        carried = [call for call in self._calls.values() if call.channel == channel]
        return max(carried, key=lambda call: call.call_id, default=None)

    async def call(self, call_id: str) -> Call | None:
        """Return a call's header."""
        return self._calls.get(call_id)

    async def close(self) -> None:
        """Refuse later appends."""
        self.broken = True

    def _check_works(self) -> None:
        if self.broken:
            raise CallLogUnavailable("The call record takes no more rows: it is closed.")

    def _put(self, call: Call | None, events: Sequence[CallEvent]) -> CallLogUnavailable | None:
        check_continuous(call, events)
        ends = [event for event in events if event.kind is EventKind.ENDED]
        reasons = [EndReason(event.data.get("reason", "")) for event in ends]
        if call is None and not events:
            return None
        call_id = call.call_id if call is not None else events[0].call_id
        if self.broken:
            return CallLogUnavailable("The call record takes no more rows: it is closed.")
        if call is None and call_id not in self._calls:
            return CallLogUnavailable("The call was never opened in the record. Remedy: open it first.")
        kept = self._events.get(call_id, [])
        first = events[0].seq if events else len(kept) + 1
        if first > len(kept) + 1:
            return CallLogUnavailable(f"The call's record ends at row {len(kept)}; the next one is missing.")
        again = kept[first - 1 :]
        if [(e.kind, e.data) for e in again] != [(e.kind, e.data) for e in events[: len(again)]]:
            return CallLogUnavailable(f"Row {first} of the call is there already, with something else in it.")
        if call is not None:
            self._calls.setdefault(call_id, call)
        self._events.setdefault(call_id, []).extend(
            replace(event, at=event.at.astimezone(UTC)) for event in events[len(again) :]
        )
        header = self._calls[call_id]
        if ends and header.ended_at is None:
            self._calls[call_id] = replace(header, ended_at=ends[0].at, end_reason=reasons[0])
        return None


class MemoryFloorLog:
    """A `domain.floor_log.FloorLog` in memory.

    While `broken` is set, rows are refused; they are kept and come first when it works again.
    """

    def __init__(self) -> None:
        self.broken = False
        self._rows: list[FloorRow] = []
        self._kept: list[FloorRow] = []

    @property
    def rows(self) -> Sequence[FloorRow]:
        """Every row on record, in order."""
        self._catch_up()
        return self._rows

    def write(self, rows: Sequence[FloorRow], *, urgent: bool = True) -> Awaitable[None]:
        """Put rows on record. Raises ValueError as the durable one does."""
        for row in rows:
            table_row(0, row)
        self._kept.extend(rows)
        if self.broken:
            return _settled(CallLogUnavailable("The floor's record cannot be written; the rows are kept."))
        return _settled(self._catch_up())

    async def agents(self) -> Sequence[AgentRow]:
        """Return the last row of every agent, in the order of staff numbers."""
        last = {row.agent: row for row in self.rows if isinstance(row, AgentRow)}
        return [last[agent] for agent in sorted(last)]

    async def open_legs(self) -> Sequence[LegRow]:
        """Return the last row of every leg that is in a phase, oldest first."""
        last: dict[str, LegRow] = {}
        for row in self.rows:
            if isinstance(row, LegRow):
                last.pop(row.leg, None)
                last[row.leg] = row
        return [row for row in last.values() if row.seconds is None]

    async def last_offer(self) -> int:
        """Return the highest offer number ever used; 0 if none was."""
        return max((row.number for row in self.rows if isinstance(row, OfferRow)), default=0)

    async def close(self) -> None:
        """Nothing waits in memory."""

    def _catch_up(self) -> CallLogUnavailable | None:
        """Put kept rows on record; return why the last of them was refused."""
        if self.broken:
            return None
        refused = None
        taken = {(row.leg, row.seq) for row in self._rows if isinstance(row, LegRow)}
        for row in self._kept:
            if isinstance(row, LegRow) and (row.leg, row.seq) in taken:
                refused = CallLogUnavailable("A row is there already with something else in it.")
            else:
                self._rows.append(row)
        self._kept.clear()
        return refused


def _settled(error: CallLogUnavailable | None) -> Awaitable[None]:
    done = asyncio.get_running_loop().create_future()
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)
    return done


class MemoryFlowArchive:
    """A `domain.call_log.FlowArchive` in memory."""

    def __init__(self) -> None:
        self._versions: dict[str, dict[str, str]] = {}

    async def save(self, version: str, files: dict[str, str]) -> None:
        """Keep a version. Saving a known version again changes nothing."""
        self._versions.setdefault(version, dict(files))

    async def load(self, version: str) -> dict[str, str]:
        """Return a kept version's files. Raises KeyError if it was never kept."""
        return dict(self._versions[version])


class MemoryDirectory:
    """A `domain.directory.TaxpayerDirectory` in memory. While `broken` is set, it does not answer.

    `old_numbers` maps old 15-digit numbers to 16-digit ones.
    """

    def __init__(self, taxpayers: Sequence[Taxpayer], old_numbers: dict[str, str] | None = None) -> None:
        self.broken = False
        self._by_npwp = {taxpayer.npwp: taxpayer for taxpayer in taxpayers}
        self._old = old_numbers or {}

    async def find(self, npwp: str) -> Taxpayer | None:
        """Return the taxpayer with this NPWP (16 digits, or the old 15), or None."""
        if self.broken:
            raise DirectoryUnavailable("The taxpayer register does not answer.")
        return self._by_npwp.get(self._old.get(npwp, npwp))


class MemoryAccounts:
    """A `domain.accounts.AccountStore` in memory. While `broken` is set, it does not answer."""

    def __init__(self, accounts: Sequence[Account] = ()) -> None:
        self.broken = False
        self._accounts = {account.account: account for account in accounts}

    async def add(self, account: Account) -> None:
        """Keep a new account. Raises ValueError when its name is taken."""
        self._check_works()
        if account.account in self._accounts:
            raise ValueError(f"the account {account.account} is there already")
        self._accounts[account.account] = account

    async def revoke(self, account: str, at: datetime) -> Account | None:
        """Mark an account as revoked; one that is revoked already keeps its time."""
        self._check_works()
        found = self._accounts.get(account)
        if found is not None and found.revoked_at is None:
            found = self._accounts[account] = replace(found, revoked_at=at)
        return found

    async def in_force(self) -> Sequence[Account]:
        """Return the accounts that are not revoked, oldest first."""
        return [account for account in await self.all() if account.revoked_at is None]

    async def all(self) -> Sequence[Account]:
        """Return every account there ever was but revoked ones of sessions, oldest first."""
        self._check_works()
        seen = [one for one in self._accounts.values() if not (one.session_id and one.revoked_at)]
        return sorted(seen, key=lambda one: (one.created_at, one.account))

    def _check_works(self) -> None:
        if self.broken:
            raise AccountsUnavailable("The store of accounts does not answer.")


class MemoryCallbacks:
    """A `domain.callbacks.CallbackBook` in memory. While `broken` is set, it does not answer."""

    def __init__(self) -> None:
        self.broken = False
        self._callbacks: dict[str, Callback] = {}

    async def book(
        self,
        call_id: str,
        number: str,
        queue: str,
        language: str,
        since: datetime,
        expires_at: datetime,
        at: datetime,
    ) -> Callback:
        """Book a callback and return the one in force for this number and queue."""
        check_booking(number, since, expires_at, at)
        if (known := self._all().get(call_id)) is not None:
            return known
        same = [one for one in await self.open() if (one.number, one.queue) == (number, queue)]
        if same:
            return self._keep(replace(same[0], since=min(since, same[0].since)))
        return self._keep(Callback(call_id, number, queue, language, since, at, expires_at))

    async def open(self) -> Sequence[Callback]:
        """Return the open callbacks, the longest waiting first; those being attempted too."""
        found = [one for one in self._all().values() if one.closed_at is None]
        return sorted(found, key=lambda one: (one.since, one.call_id))

    async def taken(self, call_id: str, at: datetime) -> Callback | None:
        """An attempt begins: return the callback to dial, or None if it must not be dialled."""
        one = self._idle(call_id)
        if one is None or one.expires_at <= at or (one.not_before is not None and one.not_before > at):
            return None
        return self._keep(replace(one, taken_at=at, not_before=None, attempts=one.attempts + 1))

    async def attempted(
        self, call_id: str, outcome: CallbackOutcome, at: datetime, again_at: datetime | None = None
    ) -> Callback | None:
        """The running attempt ended. Without `again_at` the callback is closed; with it, open again then."""
        one = self._all().get(call_id)
        if one is None or one.taken_at is None:
            return None
        closed = at if again_at is None else None
        return self._keep(replace(one, taken_at=None, outcome=outcome, not_before=again_at, closed_at=closed))

    async def withdrawn(self, call_id: str, at: datetime) -> Callback | None:
        """Close a callback that is no longer wanted, unless it is being attempted."""
        one = self._idle(call_id)
        return None if one is None else self._close(one, CallbackOutcome.WITHDRAWN, at)

    async def expired(self, at: datetime) -> Sequence[Callback]:
        """Close every callback that has expired by `at` and is not being attempted; return them."""
        over = [one for one in await self.open() if one.taken_at is None and one.expires_at <= at]
        return [self._close(one, CallbackOutcome.EXPIRED, at) for one in over]

    def _all(self) -> dict[str, Callback]:
        if self.broken:
            raise CallbacksUnavailable("The book of callbacks does not answer.")
        return self._callbacks

    def _idle(self, call_id: str) -> Callback | None:
        one = self._all().get(call_id)
        return None if one is None or one.closed_at or one.taken_at else one

    def _close(self, one: Callback, outcome: CallbackOutcome, at: datetime) -> Callback:
        return self._keep(replace(one, outcome=outcome, closed_at=at))

    def _keep(self, one: Callback) -> Callback:
        self._callbacks[one.call_id] = one
        return one
