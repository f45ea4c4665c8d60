"""Joins the switchboard to Asterisk: commands go out through ARI, events come in from it."""

from collections.abc import Callable, Sequence
from functools import partial

from ari import events
from ari.client import Client, State
from ari.errors import AriError, Disconnected, Gone
from ari.generated.models import Channel
from ari.request import Reply
from domain.telephony import NORMAL_CLEARING
from ivr.switchboard import Leg, Switchboard


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


class AriEvents:
    """Tells the switchboard what Asterisk says, and compares the two after every (re)connect."""

    def __init__(self, client: Client, switchboard: Switchboard) -> None:
        self._client = client
        self._switchboard = switchboard
        client.on_event(events.StasisStart, self._arrived)
        client.on_event(events.ChannelDtmfReceived, self._key)
        client.on_event(events.PlaybackFinished, self._playback_finished)
        client.on_event(events.ChannelHangupRequest, self._hangup_requested)
        client.on_event(events.StasisEnd, self._left)
        client.on_event(events.ChannelDestroyed, self._destroyed)
        client.on_state(self._state_changed)
        client.on_reconcile(self.reconcile)

    async def reconcile(self) -> None:
        """Compare with Asterisk: which legs are in the application, which live elsewhere."""
        channels = await self._client.channels.list()
        inside = [channel for channel in channels if self._is_inside(channel)]
        elsewhere = [channel.id for channel in channels if not self._is_inside(channel)]
        if elsewhere:
            # A leg in the dialplan's hold tells of its end only to those who subscribed to it.
            sources = [f"channel:{channel}" for channel in elsewhere]
            try:
                await self._client.applications.subscribe(self._client.app, event_source=sources)
            except Gone:
                elsewhere = await self._subscribe_one_by_one(sources)
        await self._switchboard.reconcile([_leg(channel) for channel in inside], elsewhere)

    async def _subscribe_one_by_one(self, sources: list[str]) -> list[str]:
        """Subscribe to those that are still there; return their channel ids."""
        alive = []
        for source in sources:
            try:
                await self._client.applications.subscribe(self._client.app, event_source=source)
            except AriError:
                continue
            alive.append(source.removeprefix("channel:"))
        return alive

    def _is_inside(self, channel: Channel) -> bool:
        dialplan = channel.dialplan
        return dialplan.app_name == "Stasis" and (dialplan.app_data or "").split(",")[0] == self._client.app

    def _arrived(self, event: events.StasisStart) -> None:
        self._switchboard.arrived(_leg(event.channel, event.args))

    def _key(self, event: events.ChannelDtmfReceived) -> None:
        self._switchboard.key(event.channel.id, event.digit)

    def _playback_finished(self, event: events.PlaybackFinished) -> None:
        self._switchboard.playback_ended(event.playback.id, ok=event.playback.state != "failed")

    def _hangup_requested(self, event: events.ChannelHangupRequest) -> None:
        self._switchboard.gone(event.channel.id, event.cause or NORMAL_CLEARING)

    def _left(self, event: events.StasisEnd) -> None:
        self._switchboard.gone(event.channel.id, NORMAL_CLEARING)

    def _destroyed(self, event: events.ChannelDestroyed) -> None:
        self._switchboard.gone(event.channel.id, event.cause)

    def _state_changed(self, state: State) -> None:
        if state not in {State.READY, State.RECONCILING}:
            self._switchboard.hold()


def _leg(channel: Channel, args: Sequence[str] | None = None) -> Leg:
    """Return the leg; the application's arguments are (how it came, dialled number)."""
    if args is None:
        args = (channel.dialplan.app_data or "").split(",")[1:]
    dialled = args[1] if len(args) > 1 else ""
    return Leg(channel.id, dialled, channel.caller.number, channel.state == "Up")
