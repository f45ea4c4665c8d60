"""The softphone in the running service: accounts of pages, the way of their SIP, and what is counted."""

from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge

import ari
from asterisk_conf.settings import AsteriskSettings
from domain.clock import Clock
from service.accounts import Accounts
from service.desk_phones import DeskPhones, PhoneParts, PhoneSettings, hang_up_legs
from service.setting_kinds import ice_server
from service.settings import Settings
from service.staff_part import StaffPart
from service.tree import Loop
from storage.database import Database
from storage.phone_choices import DurablePhoneChoices
from storage.staff_sessions import DurableSessions
from web.desk_phone_api import add_desk_phone_routes
from web.parts import Shared
from web.sip_socket import Close, SipSockets, add_sip_socket

SWEEP_EVERY = 15.0  # seconds between two looks for accounts whose session ended unnoticed


class SocketMetrics:
    """A `web.sip_socket.SocketObserver`. Labels are words of ours, never an account."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.open = Gauge("kring_softphones", "Softphones that are connected now.", registry=registry)
        self._closed = Counter(
            "kring_softphones_closed_total",
            "Connections of softphones that the service closed, by reason.",
            ["why"],
            registry=registry,
        )
        self._dropped = Counter(
            "kring_softphone_messages_dropped_total",
            "SIP messages of softphones that were not passed, by reason.",
            ["why"],
            registry=registry,
        )

    def closed(self, why: Close) -> None:
        """The service closed a connection."""
        self._closed.labels(why.name.lower()).inc()

    def dropped(self, why: str) -> None:
        """A message was not passed."""
        self._dropped.labels(why).inc()


@dataclass(frozen=True, slots=True)
class SoftphonePart:
    """What pages with a phone need."""

    phones: DeskPhones
    asterisk: str  # where its WebSocket is
    metrics: SocketMetrics

    def add_routes(self, shared: Shared) -> SipSockets:
        """Add the routes to the application (an area); what is returned is closed with it."""
        sockets = SipSockets(shared.guard, self.phones, self.asterisk, self.metrics)
        self.metrics.open.set_function(sockets.__len__)
        self.phones.on_drop(sockets.close_one)
        add_desk_phone_routes(shared.guard, self.phones)
        add_sip_socket(shared.guard, sockets)
        return sockets

    def loop(self) -> Loop:
        """Return what revokes accounts whose session is over, for the service's tree."""
        return Loop("softphones", SWEEP_EVERY, self.phones.sweep)


@dataclass(frozen=True, slots=True)
class Beneath:
    """What the softphones stand on."""

    database: Database
    accounts: Accounts
    client: ari.Client
    staff: StaffPart
    clock: Clock
    registry: CollectorRegistry
    knows: Callable[[str], bool]  # whether the floor's tables have a staff number


def make_softphones(beneath: Beneath, settings: Settings, asterisk: AsteriskSettings) -> SoftphonePart:
    """Return the softphones of an installation; a session that ends ends its phone from now on."""
    parts = PhoneParts(
        beneath.accounts,
        DurablePhoneChoices(beneath.database),
        DurableSessions(beneath.database, beneath.staff.people),
        beneath.clock,
        beneath.knows,
        hang_up_legs(beneath.client),
    )
    servers = tuple(ice_server(server) for server in settings.ice_servers)
    phones = DeskPhones(parts, PhoneSettings(ice_servers=servers))
    beneath.staff.sessions.on_end(phones.session_ended)
    return SoftphonePart(phones, asterisk.websocket_url, SocketMetrics(beneath.registry))
