"""Joins switchboard, floor and desks to Asterisk: commands go out through ARI, events come in from it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

from ari import events
from ari.client import Client, State
from ari.errors import AriError, Disconnected, Gone
from ari.generated.models import Bridge, Channel
from ari.request import Reply
from asterisk_conf.guard import SIP_IN_CAUSE
from domain.legs import LiveLeg
from domain.telephony import NORMAL_CLEARING
from ivr.switchboard import Leg, Switchboard
from service.agent_telephony import BRIDGE_PREFIXES, LEG_PREFIX, bridge_name
from service.outbound_events import OutboundEvents, errand_of

DESK = "desk"  # the first argument of an agent's own call: desk, account, dialled code
UNALLOCATED = 1  # Q.850
SNOOP = "Snoop/"  # how the names of legs begin that listen in
UP = "Up"  # Asterisk's word for an answered leg
RINGING = "RINGING"  # and of a dialled one that rings


class AriCallControl:
    """`domain.telephony.CallControl` over ARI.

    Commands go on the client's main lane in the order given. A leg that is gone is no failure; neither
    is a lost connection, for the calls are taken up again once it is back.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._unplayed: Callable[[str], None] | None = None

    def on_unplayed(self, handler: Callable[[str], None]) -> None:
        """Call `handler(playback)` when Asterisk refused to play."""
        self._unplayed = handler

    def answer(self, channel: str) -> None:
        """Answer the leg."""
        self._client.channels.answer(channel)

    def play(self, channel: str, playback: str, sounds: Sequence[str]) -> None:
        """Play sounds one after the other as one playback."""
        media = ",".join([f"sound:{sound}" for sound in sounds])
        reply = self._client.channels.play_with_id(channel, playback, media=media)
        reply.add_done_callback(partial(self._played, playback))

    def stop(self, playback: str) -> None:
        """Stop a playback."""
        self._client.playbacks.stop(playback)

    def hang_up(self, channel: str, cause: int = NORMAL_CLEARING) -> None:
        """Hang up the leg."""
        self._client.channels.hangup(channel, reason_code=str(cause))

    async def is_playing(self, playback: str) -> bool:
        """Return whether a playback is still going on."""
        try:
            return (await self._client.playbacks.get(playback)).state in {"queued", "playing", "continuing"}
        except AriError:
            return False

    def _played(self, playback: str, reply: Reply[object]) -> None:
        if reply.cancelled():
            return
        error = reply.exception()
        if error is None or isinstance(error, Gone | Disconnected):
            return
        if self._unplayed is not None:
            self._unplayed(playback)


class FloorEar(Protocol):
    """What the floor is told of Asterisk (`acd.driver.FloorDriver`)."""

    def leg_up(self, leg: str) -> None:
        """A leg of ours was answered, or made by listening in."""
        ...

    def leg_gone(self, leg: str, cause: int) -> None:
        """A leg is gone (Q.850 cause)."""
        ...

    def joined(self, bridge: str, leg: str) -> None:
        """A leg, a caller's or an agent's, is in a bridge of ours."""
        ...

    def control_lost(self) -> None:
        """Asterisk cannot be commanded."""
        ...

    def control_back(self, legs: Sequence[LiveLeg], bridges: Sequence[str]) -> None:
        """It can again, the calls are seated, and this is what lives there."""
        ...


class DeskCalls(Protocol):
    """Who serves the codes that agents dial and press."""

    def dialled(self, leg: str, account: str, code: str) -> None:
        """An agent dialled a code on a phone that is not in a call; the leg is not answered yet."""
        ...

    def pressed(self, leg: str, account: str, key: str) -> None:
        """An agent pressed a key on a leg (`leg-…`) that this system rang."""
        ...

    def gone(self, leg: str) -> None:
        """A leg of an agent's phone is gone, whoever made it."""
        ...

    def playback_ended(self, playback: str) -> None:
        """A playback whose name begins with `desk-` came to its end."""
        ...


class NoDesk:
    """Nobody serves codes: whoever dials one hears that the number is not in use."""

    def __init__(self, hang_up: Callable[[str, int], None]) -> None:
        self._hang_up = hang_up

    def dialled(self, leg: str, account: str, code: str) -> None:
        """Refuse with 404."""
        self._hang_up(leg, UNALLOCATED)

    def pressed(self, leg: str, account: str, key: str) -> None:
        """Nothing to serve."""

    def gone(self, leg: str) -> None:
        """Nothing to forget."""

    def playback_ended(self, playback: str) -> None:
        """Nothing to go on with."""


class AriEvents:
    """Tells switchboard, floor and desk what Asterisk says, and compares after every (re)connect.

    Whose a leg is its id tells: the floor's begin with `leg-`. The rest are callers', but for those
    that entered with the argument `desk`: an agent dialled a code.
    """

    def __init__(
        self,
        client: Client,
        switchboard: Switchboard,
        floor: FloorEar,
        desk: DeskCalls,
        take_stock: Callable[[Sequence[str]], list[str]],
        outbound: OutboundEvents | None = None,
    ) -> None:
        """`take_stock` is given all bridges of Asterisk and returns ours by name (AriLegControl)."""
        self._outbound = outbound or OutboundEvents()
        self._client = client
        self._switchboard = switchboard
        self._floor = floor
        self._desk = desk
        self._take_stock = take_stock
        self._desk_legs: set[str] = set()
        client.on_event(events.StasisStart, self._arrived)
        client.on_event(events.ChannelDtmfReceived, self._key)
        client.on_event(events.PlaybackFinished, self._playback_finished)
        client.on_event(events.ChannelEnteredBridge, self._joined)
        client.on_event(events.ChannelHangupRequest, self._hangup_requested)
        client.on_event(events.StasisEnd, self._left)
        client.on_event(events.ChannelDestroyed, self._destroyed)
        client.on_event(events.Dial, self._dialling)
        client.on_state(self._state_changed)
        client.on_reconcile(self.reconcile)

    # ---- After every (re)connect

    async def reconcile(self) -> None:
        """Compare with Asterisk: callers' legs first, then what the floor has there."""
        channels = await self._client.channels.list()
        bridges = await self._client.bridges.list()
        where = {
            leg: bridge_name(bridge.id) for bridge in bridges if _is_ours(bridge) for leg in bridge.channels
        }
        inside = [channel for channel in channels if self._is_inside(channel)]
        outside = [channel.id for channel in channels if not self._is_inside(channel)]
        outside = await self._subscribe(outside)
        self._forget_desks(inside)
        await self._switchboard.reconcile(
            [_leg(channel) for channel in inside if not _is_of_floor(channel.id) and not _is_desk(channel)],
            [channel for channel in outside if not _is_of_floor(channel)],
        )
        names = self._take_stock([bridge.id for bridge in bridges])
        live = [
            _live(channel, where) for channel in channels if _is_of_floor(channel.id) or channel.id in where
        ]
        self._floor.control_back(live, names)

    async def _subscribe(self, channels: list[str]) -> list[str]:
        """Be told of the end of legs outside the application; return those that are still there.

        They are in the dialplan's hold, or ringing at an agent's.
        """
        if not channels:
            return channels
        sources = [f"channel:{channel}" for channel in channels]
        try:
            await self._client.applications.subscribe(self._client.app, event_source=sources)
        except Gone:
            return await self._subscribe_one_by_one(sources)
        return channels

    async def _subscribe_one_by_one(self, sources: list[str]) -> list[str]:
        alive = []
        for source in sources:
            try:
                await self._client.applications.subscribe(self._client.app, event_source=source)
            except AriError:
                continue
            alive.append(source.removeprefix("channel:"))
        return alive

    def _forget_desks(self, inside: Sequence[Channel]) -> None:
        """An agent whose code was cut short by a break dials again."""
        for leg in self._desk_legs:
            self._desk.gone(leg)
        self._desk_legs.clear()
        for channel in inside:
            if _is_desk(channel):
                self._client.channels.hangup(channel.id, reason_code=str(NORMAL_CLEARING))

    def _is_inside(self, channel: Channel) -> bool:
        dialplan = channel.dialplan
        return dialplan.app_name == "Stasis" and (dialplan.app_data or "").split(",")[0] == self._client.app

    # ---- Events

    def _arrived(self, event: events.StasisStart) -> None:
        leg = event.channel.id
        if _is_of_floor(leg):
            self._floor.leg_up(leg)
        elif event.args and event.args[0] == DESK:
            self._desk_legs.add(leg)
            self._desk.dialled(leg, *_two(event.args[1:]))
        else:
            self._switchboard.arrived(_leg(event.channel, event.args))

    def _key(self, event: events.ChannelDtmfReceived) -> None:
        leg = event.channel.id
        if _is_of_floor(leg):
            if account := _two(_args(event.channel))[1]:
                self._desk.pressed(leg, account, event.digit)
        elif leg not in self._desk_legs:
            self._switchboard.key(leg, event.digit)

    def _playback_finished(self, event: events.PlaybackFinished) -> None:
        playback = event.playback
        if playback.id.startswith("desk-"):
            self._desk.playback_ended(playback.id)
        else:
            self._switchboard.playback_ended(playback.id, ok=playback.state != "failed")

    def _joined(self, event: events.ChannelEnteredBridge) -> None:
        if event.channel is not None and _is_ours(event.bridge):
            self._floor.joined(bridge_name(event.bridge.id), event.channel.id)

    def _hangup_requested(self, event: events.ChannelHangupRequest) -> None:
        # The floor waits for the end itself: only that carries the cause of every kind of end.
        if not _is_of_floor(event.channel.id):
            self._gone(event.channel.id, (event.cause or 0) % SIP_IN_CAUSE or NORMAL_CLEARING)

    def _left(self, event: events.StasisEnd) -> None:
        if not _is_of_floor(event.channel.id):
            self._gone(event.channel.id, NORMAL_CLEARING)
        elif event.channel.name.startswith(SNOOP):  # whose destruction Asterisk does not tell
            self._floor.leg_gone(event.channel.id, NORMAL_CLEARING)

    def _destroyed(self, event: events.ChannelDestroyed) -> None:
        if _is_of_floor(event.channel.id):
            # A phone that hangs up outside a bridge leaves no cause at all.
            self._floor.leg_gone(event.channel.id, event.cause % SIP_IN_CAUSE or NORMAL_CLEARING)
            self._desk.gone(event.channel.id)
        else:
            self._gone(event.channel.id, event.cause % SIP_IN_CAUSE)
            up = event.channel.state == UP
            self._outbound.gone(event.channel.id, event.cause, event.tech_cause or 0, up=up)

    def _dialling(self, event: events.Dial) -> None:
        if event.dialstatus == RINGING:
            self._outbound.rings(event.peer.id)

    def _gone(self, leg: str, cause: int) -> None:
        if leg in self._desk_legs:
            self._desk_legs.discard(leg)
            self._desk.gone(leg)
        else:
            self._switchboard.gone(leg, cause)

    def _state_changed(self, state: State) -> None:
        if state not in {State.READY, State.RECONCILING}:
            self._outbound.lost()
            self._switchboard.hold()
            self._floor.control_lost()
        elif state is State.READY:
            self._outbound.back()


def _is_of_floor(leg: str) -> bool:
    return leg.startswith(LEG_PREFIX)


def _is_desk(channel: Channel) -> bool:
    return _args(channel)[:1] == (DESK,)


def _is_ours(bridge: Bridge) -> bool:
    return bridge.id.startswith(BRIDGE_PREFIXES)


def _args(channel: Channel) -> tuple[str, ...]:
    """Return the application's arguments of a leg inside; of one that still rings there are none."""
    return tuple((channel.dialplan.app_data or "").split(",")[1:])


def _two(args: Sequence[str]) -> tuple[str, str]:
    return (*args, "", "")[0], (*args, "", "")[1]


def _live(channel: Channel, where: Mapping[str, str]) -> LiveLeg:
    return LiveLeg(channel.id, _args(channel), channel.state == UP, where.get(channel.id))


def _leg(channel: Channel, args: Sequence[str] | None = None) -> Leg:
    """Return the leg; the application's arguments are how it came, and the dialled number.

    Those of a call of ours are as `service.outbound_events.errand_of` reads them.
    """
    args = _args(channel) if args is None else tuple(args)
    errand, up = errand_of(channel.id, args), channel.state == UP
    if errand is not None:
        return Leg(channel.id, "", "", up, errand)
    return Leg(channel.id, _two(args)[1], channel.caller.number, up)
