"""Turns what Asterisk sends back into results, errors and events."""

import logging
from typing import Any

import msgspec

from ari.errors import Answered, Broken, Gone, Refused, Unreadable
from ari.generated import events
from ari.request import Operation, Reply

_LOG = logging.getLogger("ari")

# What msgspec raises on text that is not JSON, not UTF-8, nested too deeply, or of another shape.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class UnknownEvent(events.Event, tag="", kw_only=True):
    """An event that this client's description does not know, or that is not as described."""

    name: str
    raw: bytes


class _Named(msgspec.Struct):
    type: str
    application: str = ""
    timestamp: str = ""


_decoder: "msgspec.json.Decoder[events.AnyEvent]" = msgspec.json.Decoder(events.AnyEvent)
_named = msgspec.json.Decoder(_Named)
decode = _decoder.decode


def decode_odd(payload: bytes, why: Exception) -> UnknownEvent | None:
    """Return what `decode` could not read as an UnknownEvent, or None if it is no event at all."""
    try:
        named = _named.decode(payload)
    except UNREADABLE:
        _LOG.warning("Asterisk sent %d bytes that are no event", len(payload))
        return None
    if named.type in events.BY_NAME:
        # msgspec names the field and the types, never the value.
        _LOG.warning("event %s is not as described: %s", named.type, why)
    return UnknownEvent(
        name=named.type, raw=payload, application=named.application, timestamp=named.timestamp
    )


def settle(reply: Reply[Any], status: int, reason: str, body: str | bytes) -> None:
    """Give a reply its result or its error."""
    if reply.done():  # the caller stopped waiting
        return
    operation = reply.operation
    if status >= 300:
        error = refusal(operation, status, reason, body)
        if operation.ends and isinstance(error, Gone):
            reply.set_result(None)
        else:
            reply.set_exception(error)
        return
    if operation.decoder is None:
        reply.set_result(body if operation.binary else None)
        return
    try:
        result = operation.decoder.decode(body)
    except UNREADABLE as error:
        reply.set_exception(Unreadable(operation.name, f"{status} with an unexpected body: {error}"))
    else:
        reply.set_result(result)


class _Message(msgspec.Struct):
    message: str = ""


_message = msgspec.json.Decoder(_Message)


def refusal(operation: Operation[Any], status: int, reason: str, body: str | bytes) -> Answered:
    """Return the error for an answer that is no success."""
    try:
        why = _message.decode(body).message or reason
    except UNREADABLE:
        why = reason
    if status >= 500:
        return Broken(operation.name, status, why)
    if _is_gone(status, why):
        return Gone(operation.name, status, why)
    return Refused(operation.name, status, why)


def _is_gone(status: int, why: str) -> bool:
    """Tell whether the thing named is not there (any more); each line was seen on Asterisk 22.10.1."""
    if status == 404:
        # This one 404 means that the operation itself is unknown: a module is not loaded.
        return why != "Resource not found"
    if status in {409, 422}:
        return "not in Stasis" in why or why == "Channel not in this bridge"
    return status == 400 and why == "Channel not found"  # adding to a bridge
