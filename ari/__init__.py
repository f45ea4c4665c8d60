"""A typed asynchronous client for Asterisk's REST interface (ARI), generated from its description."""

from ari.answer import UnknownEvent
from ari.client import HIDDEN_EVENTS, Client, State
from ari.errors import (
    Answered,
    AriError,
    Broken,
    DeadlineExceeded,
    Disconnected,
    Gone,
    InvalidArgument,
    Refused,
    Replaced,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    Unreadable,
)
from ari.generated import events, models
from ari.generated.events import Event
from ari.handlers import Subscription
from ari.request import Reply
from ari.times import when

__all__ = [
    "HIDDEN_EVENTS",
    "Answered",
    "AriError",
    "Broken",
    "Client",
    "DeadlineExceeded",
    "Disconnected",
    "Event",
    "Gone",
    "InvalidArgument",
    "Refused",
    "Replaced",
    "Reply",
    "State",
    "Subscription",
    "TooLarge",
    "TooManyRequests",
    "Unauthorized",
    "UnknownEvent",
    "Unreadable",
    "events",
    "models",
    "when",
]
