"""Calls and events as rows: encoding, sealing, and back."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from domain.calls import Call, CallEvent, EndReason, EventKind
from storage.tables import utc_text
from storage.vault import Vault

# (call_id, seq, at, kind, data, sealed_secret), in the order of the table's columns
EventRow = tuple[str, int, str, str, str, bytes | None]
# (call_id, channel, dialled, sealed_caller, flow_version, started_at, ended_at, end_reason)
CallRow = tuple[str, str, str, bytes | None, str, str, str | None, str | None]

_json = msgspec.json.Encoder()
_strings = msgspec.json.Decoder(dict[str, str])


class Rows:
    """Turns calls and events into rows and back, personal values sealed."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def event_row(self, event: CallEvent) -> EventRow:
        """Return an event as a row. Raises ValueError for a time without zone."""
        secret = event.secret
        return (
            event.call_id,
            event.seq,
            utc_text(event.at),
            event.kind.value,
            _json.encode(_plain(event.data)).decode() if event.data else "{}",
            None
            if secret is None
            else self._vault.seal(_json.encode(_plain(secret)), _event_context(event.call_id, event.seq)),
        )

    def event(self, row: Any) -> CallEvent:
        """Return the event of a selected row. Raises VaultProblem."""
        secret: Mapping[str, str] | None = None
        if row.sealed_secret is not None:
            context = _event_context(row.call_id, row.seq)
            secret = _strings.decode(self._vault.open(bytes(row.sealed_secret), context))
        return CallEvent(row.call_id, row.seq, row.at, EventKind(row.kind), _strings.decode(row.data), secret)

    def call_row(self, call: Call) -> CallRow:
        """Return a call's header as a row."""
        caller = call.caller
        return (
            call.call_id,
            call.channel,
            call.dialled,
            None if caller is None else self._vault.seal(caller.encode(), _caller_context(call.call_id)),
            call.flow_version,
            utc_text(call.started_at),
            None if call.ended_at is None else utc_text(call.ended_at),
            None if call.end_reason is None else call.end_reason.value,
        )

    def call(self, row: Any) -> Call:
        """Return the call of a selected row. Raises VaultProblem."""
        caller: str | None = None
        if row.sealed_caller is not None:
            caller = self._vault.open(bytes(row.sealed_caller), _caller_context(row.call_id)).decode()
        return Call(
            call_id=row.call_id,
            channel=row.channel,
            dialled=row.dialled,
            caller=caller,
            flow_version=row.flow_version,
            started_at=row.started_at,
            ended_at=row.ended_at,
            end_reason=None if row.end_reason is None else EndReason(row.end_reason),
        )


def check_continuous(call: Call | None, events: Sequence[CallEvent]) -> None:
    """Raise ValueError unless the events are one call's, numbered on without a gap."""
    call_id = call.call_id if call is not None else events[0].call_id if events else ""
    seq = 1 if call is not None else events[0].seq if events else 0
    for event in events:
        if event.call_id != call_id:
            raise ValueError("events of several calls were appended at once")
        if event.at.tzinfo is None:
            raise ValueError("a time without zone cannot be stored")
        if event.seq != seq:
            raise ValueError(f"event {seq} of the call is missing between its neighbours")
        seq += 1


def _plain(values: Mapping[str, str]) -> dict[str, str]:
    return values if type(values) is dict else dict(values)


def _event_context(call_id: str, seq: int) -> bytes:
    return f"call_events/{call_id}/{seq}".encode()


def _caller_context(call_id: str) -> bytes:
    return f"calls/{call_id}/caller".encode()
