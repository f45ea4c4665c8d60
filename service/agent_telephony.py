"""Legs of agents over ARI: ringing, bridges, music on hold, listening in."""

import asyncio
import logging
import math
import re
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import ari
from ari.client import Client, State
from ari.request import Reply, Variables
from asterisk_conf import guard
from domain.accounts import is_account
from domain.background import Background
from domain.telephony import NORMAL_CLEARING

log = logging.getLogger(__name__)

LEG_PREFIX = "leg-"
BRIDGE_PREFIXES = ("talk-", "consult-", "watch-")
# A command that moves a leg waits for the leg's own thread, and Asterisk carries out the commands of
# one WebSocket one after the other: a leg that is stuck takes one of these along, not all.
LEG_LANES = ("legs-1", "legs-2", "legs-3", "legs-4")
CALLER_ID = "Kring Pajak <1500200>"
MUSIC = "kring"  # a class in musiconhold.conf, as are those with a word first, by language
AGAIN = {"id": "kring-again-id", "en": "kring-again-en"}
# What desk phones and the page go by: RFC 5373's forerunners, each obeyed by some makes of phones.
ANSWER_BY_ITSELF: Variables = {
    "PJSIP_HEADER(add,Call-Info)": "<sip:kring.invalid>;answer-after=0",
    "PJSIP_HEADER(add,Alert-Info)": "<http://kring.invalid>;info=alert-autoanswer;delay=0",
}
_ORDER_LIVES = 15.0  # seconds for which an order to call out is good
_BEYOND_THE_RING = 5.0  # seconds
OUTSIDE = re.compile(r"[0-9]{8,15}")

UNREACHABLE = 20  # Q.850 "subscriber absent": no such account, or no phone registered with it
NOT_PLACED = 38  # "network out of order": Asterisk cannot be commanded
FAILED = 41  # "temporary failure"

Send = Callable[[str], Reply[Any]]  # sends a command on a lane


class AriLegControl:
    """`domain.legs.LegControl` over ARI, and calls to people outside.

    Commands on one leg are carried out in the order given, each after the answer to the one before, on
    whichever lane is least busy. A leg or bridge that is gone is no failure, and neither is a lost
    connection: after it the floor is told what lives.

    A bridge's id in Asterisk is the name it was opened under and `.` and 6 hex digits: while a bridge is
    being destroyed its id is neither free nor usable.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        lanes = client.lanes
        self._lanes = [(name, lanes[name]) for name in LEG_LANES if name in lanes]
        self._commands: dict[
            str, deque[tuple[Send, Reply[Any] | None]]
        ] = {}  # by leg; the first is under way
        self._on_wire: dict[str, str] = {}  # bridge → its id in Asterisk
        self._opening: dict[str, Reply[Any]] = {}  # by id in Asterisk
        self._until_ready: dict[str, Callable[[], None]] = {}  # legs to be rung
        self._gone: Callable[[str, int], None] = _unheard
        self._unreachable: Callable[[str], None] = lambda _: None
        self._background = Background()
        client.on_state(self._state_changed)

    def on_leg_gone(self, handler: Callable[[str, int], None]) -> None:
        """Call `handler(leg, cause)` for a leg that Asterisk could not make."""
        self._gone = handler

    def on_unreachable(self, handler: Callable[[str], None]) -> None:
        """Call `handler(account)` when an account could not be rung for want of a phone."""
        self._unreachable = handler

    # ---- domain.legs.LegControl

    def ring(
        self, leg: str, account: str, args: Sequence[str], seconds: float, *, quick: bool = False
    ) -> None:
        """Call a phone by its SIP account; `quick`: with the headers by which phones answer by themselves."""
        if not is_account(account):
            log.error("not a SIP account; not rung", extra={"leg": leg})
            self._tell_gone(leg, UNREACHABLE)
            return
        self._place(leg, f"PJSIP/{account}", args, seconds, account, ANSWER_BY_ITSELF if quick else None)

    def call_out(self, leg: str, number: str, args: Sequence[str], seconds: float) -> None:
        """Call a person outside through the dialplan's guard: E.164 digits without plus."""
        # Whatever stands in an endpoint string is obeyed by Asterisk, another host included.
        if OUTSIDE.fullmatch(number) is None:
            log.error("not a number that may be called", extra={"leg": leg})
            self._tell_gone(leg, FAILED)
            return
        told = guard.variables(number, seconds, time.time() + _ORDER_LIVES)
        # The guard ends a call that nobody answers; this is for one that hangs.
        self._place(leg, guard.endpoint("unknown"), args, seconds + _BEYOND_THE_RING, None, told)

    def hang_up(self, leg: str, cause: int = NORMAL_CLEARING) -> None:
        """Hang up a leg, whatever else waits for it."""
        if self._until_ready.pop(leg, None) is not None:
            self._tell_gone(leg, cause)
            return
        self._client.channels.hangup(leg, reason_code=str(cause))

    def open_bridge(self, bridge: str) -> None:
        """Make a mixing bridge; one that exists stays as it is."""
        if bridge in self._on_wire:
            return
        on_wire = self._on_wire[bridge] = f"{bridge}.{secrets.token_hex(3)}"
        reply = self._client.bridges.create_with_id(on_wire, type="mixing")
        self._opening[on_wire] = reply
        reply.add_done_callback(lambda _: self._opening.pop(on_wire, None))

    def join(self, bridge: str, leg: str) -> None:
        """Put an answered leg into a bridge; it leaves the one it was in."""
        on_wire = self._on_wire.get(bridge)
        if on_wire is None:
            log.warning("no such bridge to join", extra={"leg": leg})
            return
        bridges = self._client.bridges
        self._command(
            leg,
            # Keys are told to us and go no further: the caller does not hear the agent's codes, and the
            # agent does not hear what a caller keys.
            lambda lane: bridges.add_channel(on_wire, channel=leg, absorb_dtmf=True, lane=lane),
            self._opening.get(on_wire),
        )

    def part(self, bridge: str, leg: str) -> None:
        """Take a leg out of a bridge."""
        if (on_wire := self._on_wire.get(bridge)) is not None:
            bridges = self._client.bridges
            self._command(leg, lambda lane: bridges.remove_channel(on_wire, channel=leg, lane=lane))

    def close_bridge(self, bridge: str) -> None:
        """End a bridge; legs inside stay with the application."""
        if (on_wire := self._on_wire.pop(bridge, None)) is not None:
            self._client.bridges.destroy(on_wire)

    def start_music(self, leg: str, announced: str = "") -> None:
        """Play music on hold to a leg; with a language after a word that they are being connected."""
        music = AGAIN.get(announced, MUSIC)
        self._command(leg, lambda lane: self._client.channels.start_moh(leg, moh_class=music, lane=lane))

    def stop_music(self, leg: str) -> None:
        """Stop it."""
        self._command(leg, lambda lane: self._client.channels.stop_moh(leg, lane=lane))

    def play(self, leg: str, playback: str, sounds: Sequence[str]) -> None:
        """Play sounds to a leg as one playback."""
        media = ",".join([f"sound:{sound}" for sound in sounds])
        channels = self._client.channels
        self._command(leg, lambda lane: channels.play_with_id(leg, playback, media=media, lane=lane))

    def say(self, bridge: str, playback: str, sounds: Sequence[str]) -> Reply[Any] | None:
        """Play sounds to everybody in a bridge as one playback; None: there is no such bridge."""
        on_wire = self._on_wire.get(bridge)
        if on_wire is None:
            return None
        media = ",".join([f"sound:{sound}" for sound in sounds])
        return self._client.bridges.play_with_id(on_wire, playback, media=media)

    def snoop(self, leg: str, target: str, *, whisper: bool) -> None:
        """Make a leg that hears `target` both ways; with `whisper` only `target` hears what it says."""
        reply = self._client.channels.snoop_channel_with_id(
            target,
            leg,
            app=self._client.app,
            app_args="snoop",
            spy="both",
            whisper="out" if whisper else "none",
        )
        reply.add_done_callback(partial(self._rung, leg, None))

    # ---- What Asterisk has

    def take_stock(self, bridges: Sequence[str]) -> list[str]:
        """Take the bridges that live in Asterisk, by their ids there; return ours by name.

        Of two under one name the later one counts, and the other is ended.
        """
        self._on_wire.clear()
        for on_wire in bridges:
            if not on_wire.startswith(BRIDGE_PREFIXES):
                continue
            if (other := self._on_wire.get(bridge_name(on_wire))) is not None:
                self._client.bridges.destroy(other)
            self._on_wire[bridge_name(on_wire)] = on_wire
        return list(self._on_wire)

    # ---- Ringing

    def _place(
        self,
        leg: str,
        endpoint: str,
        args: Sequence[str],
        seconds: float,
        account: str | None,
        variables: Variables | None = None,
    ) -> None:
        words, whole = ari.request.joined(args), math.ceil(seconds)
        send = partial(self._originate, leg, endpoint, words, whole, account, variables)
        # A phone that is rung for an application that nobody serves is answered into nothing.
        if self._client.state is State.READY:
            send()
        elif self._client.state is State.RECONCILING:
            self._until_ready[leg] = send
        else:
            self._tell_gone(leg, NOT_PLACED)

    def _originate(
        self,
        leg: str,
        endpoint: str,
        args: str,
        seconds: int,
        account: str | None,
        variables: Variables | None,
    ) -> None:
        reply = self._client.channels.originate_with_id(
            leg,
            endpoint=endpoint,
            app=self._client.app,
            app_args=args,
            timeout=seconds,
            caller_id=CALLER_ID,
            variables=variables,
            formats=None if account else guard.FORMATS,  # phones have their own
        )
        reply.add_done_callback(partial(self._rung, leg, account))

    def _rung(self, leg: str, account: str | None, reply: Reply[Any]) -> None:
        if reply.cancelled() or (error := reply.exception()) is None:
            return
        if isinstance(error, ari.Disconnected):
            return  # after the next connect the floor is told which legs live
        self._background.begin(self._look_up(leg, account))

    async def _look_up(self, leg: str, account: str | None) -> None:
        """Find out whether a leg lives whose making failed; a call is never placed twice."""
        while True:
            try:
                await self._client.channels.get(leg)
            except ari.Gone:
                break
            except ari.DeadlineExceeded:
                continue
            except ari.AriError:
                return
            return
        self._gone(leg, FAILED if account is None else UNREACHABLE)
        if account is not None:
            self._unreachable(account)

    def _tell_gone(self, leg: str, cause: int) -> None:
        asyncio.get_running_loop().call_soon(self._gone, leg, cause)

    def _state_changed(self, state: State) -> None:
        if state is State.READY:
            waiting, self._until_ready = self._until_ready, {}
            for send in waiting.values():
                send()
        elif state is not State.RECONCILING:
            self._until_ready.clear()

    # ---- Commands that may wait for a leg's thread

    def _command(self, leg: str, send: Send, after: Reply[Any] | None = None) -> None:
        commands = self._commands.setdefault(leg, deque())
        commands.append((send, after))
        if len(commands) == 1:
            self._next(leg)

    def _next(self, leg: str) -> None:
        send, after = self._commands[leg][0]
        if after is None or after.done():
            self._send(leg, send)
        else:
            after.add_done_callback(lambda _: self._send(leg, send))

    def _send(self, leg: str, send: Send) -> None:
        reply = send(self._lane())
        reply.add_done_callback(lambda _: self._answered(leg))

    def _answered(self, leg: str) -> None:
        commands = self._commands[leg]
        commands.popleft()
        if commands:
            self._next(leg)
        else:
            del self._commands[leg]

    def _lane(self) -> str:
        return min(self._lanes, key=lambda lane: (not lane[1].connected, lane[1].in_flight))[0]


def bridge_name(on_wire: str) -> str:
    """Return the name under which a bridge was opened, from its id in Asterisk."""
    return on_wire.partition(".")[0]


def _unheard(leg: str, cause: int) -> None:
    log.error("nobody wants to know that a leg is gone", extra={"leg": leg, "cause": cause})
