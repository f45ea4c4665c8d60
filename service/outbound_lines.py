"""Calls to people outside over ARI, always through the dialplan's guard (`dialer.ports.OutboundLines`)."""

import logging
import math
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import ari
from ari.client import Client, State
from asterisk_conf import guard
from asterisk_conf.settings import ANSWERED
from dialer.attempts import CHANNEL_PREFIX
from dialer.ports import ORDER_LIVES, Dial, LineLife
from domain.background import Background
from domain.clock import Clock
from domain.phone import callback_number
from service.agent_telephony import CALLER_ID, LEG_LANES

log = logging.getLogger(__name__)

_WORD = re.compile(r"[A-Za-z0-9_/-]{0,64}")
_BEYOND_THE_RING = 15.0  # seconds: the dialplan ends a call that nobody answers; this is for one that hangs
_UP = "Up"  # Asterisk's word for an answered leg

HangUp = Callable[[str], Awaitable[None]]


class AriLines:
    """Places calls under `out-` and the attempt's id. An order is sent once, whatever becomes of it.

    Our half of a call goes on in the dialplan and comes into the application from there, so that whoever
    answers while the service is away is told so; its end is asked to be told right behind the order.
    """

    def __init__(self, client: Client, clock: Clock, other_way: HangUp) -> None:
        """`other_way` hangs up a channel by its id without ARI. It may raise OSError."""
        self._client, self._clock, self._other_way = client, clock, other_way
        self._lane_names = [name for name in LEG_LANES if name in client.lanes]
        self._background = Background()

    @property
    def ready(self) -> bool:
        """Whether Asterisk can be commanded and our application is registered there."""
        return self._client.state is State.READY

    async def place(self, dial: Dial) -> bool:
        """Send it. False: certainly not sent. Raises TimeoutError: it is not known whether it was sent."""
        if not self.ready or not _is_fit(dial):
            return False
        channel = CHANNEL_PREFIX + dial.attempt_id
        lane = self._lane()
        order = self._order(channel, dial, lane)
        heard = self._client.applications.subscribe(
            self._client.app, event_source=f"channel:{channel}", lane=lane
        )
        heard.add_done_callback(_seen)
        try:
            await order
        except ari.AriError as error:
            if _never_sent(error):
                return False
            raise TimeoutError(str(error)) from error
        try:
            await heard
        except ari.AriError as error:
            # It is over already, or will end unheard: the ledger tells.
            raise TimeoutError(str(error)) from error
        return True

    def _order(self, channel: str, dial: Dial, lane: str | None) -> "ari.Reply[Any]":
        until = self._clock.now().timestamp() + ORDER_LIVES
        return self._client.channels.originate_with_id(
            channel,
            endpoint=guard.endpoint(dial.zone),
            formats=guard.FORMATS,
            context=ANSWERED,
            extension="amd" if dial.amd else "s",
            priority=1,
            caller_id=CALLER_ID,
            timeout=math.ceil(dial.seconds + _BEYOND_THE_RING),
            variables={
                **guard.variables(dial.number, dial.seconds, until),
                "KRING_FLOW": dial.flow,
                "KRING_QUEUE": dial.queue,
                "KRING_AGENT": dial.agent,
                "KRING_LANGUAGE": dial.language,
            },
            lane=lane,
        )

    def cancel(self, attempt_id: str) -> None:
        """Hang up a call that rings. Idempotent."""
        self._background.begin(self._hang_up(CHANNEL_PREFIX + attempt_id))

    async def look(self, attempt_ids: Collection[str]) -> Mapping[str, LineLife]:
        """Return how these calls live in Asterisk now. Raises OSError when that cannot be told."""
        try:
            channels = await self._client.channels.list()
        except ari.AriError as error:
            raise OSError(str(error)) from error
        states = {channel.id: channel.state for channel in channels}
        return {one: _life(states.get(CHANNEL_PREFIX + one)) for one in attempt_ids}

    async def _hang_up(self, channel: str) -> None:
        if self.ready:
            try:
                await self._client.channels.hangup(channel, deadline=1.0)
            except ari.Gone:
                return
            except ari.AriError as error:
                log.warning("a call could not be cancelled through ARI", extra={"why": str(error)})
            else:
                return
        try:
            await self._other_way(channel)
        except OSError as error:
            # The dialplan ends it with its ring time; the look-up after the connect finds it otherwise.
            log.warning("a call could not be cancelled", extra={"why": str(error)})

    def _lane(self) -> str | None:
        """Return the least busy of the lanes for commands that may wait; None: the main one."""
        lanes = self._client.lanes
        if not self._lane_names:
            return None
        return min(self._lane_names, key=lambda name: (not lanes[name].connected, lanes[name].in_flight))


def _is_fit(dial: Dial) -> bool:
    """Whatever stands in an endpoint or an argument is obeyed by Asterisk: numbers and words only."""
    words = (dial.flow, dial.queue, dial.agent, dial.language, dial.zone, dial.attempt_id)
    fit = callback_number(dial.number) == dial.number and all(_WORD.fullmatch(word) for word in words)
    if not fit:
        log.error("not a call that may be placed", extra={"attempt": dial.attempt_id[:32]})
    return fit


def _never_sent(error: ari.AriError) -> bool:
    if isinstance(error, ari.Disconnected):
        return not error.sent
    if isinstance(error, ari.Refused):
        return error.status == 400  # 409: it lives already
    return isinstance(error, ari.TooManyRequests | ari.TooLarge)


def _life(state: str | None) -> LineLife:
    if state is None:
        return LineLife.GONE
    return LineLife.UP if state == _UP else LineLife.RINGING


def _seen(reply: "ari.Reply[Any]") -> None:
    """The order's own failure goes first; this one's is not left unread."""
    if not reply.cancelled():
        reply.exception()
