"""Many telephones in one process: they register, ring, answer, refuse, call, cancel and hang up.

SIP over UDP with its retransmissions (RFC 3261, 17); the audio is `bench.swarm_audio`'s.
"""

import asyncio
import contextlib
import socket
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol

from bench import sip
from bench.swarm_audio import SO_TIMESTAMPNS, Line, Pump, stamped
from bench.swarm_sip import Address, Challenge, Credentials, Dialog, branch_of, description, tag_of, user_of

T1, T2 = 0.5, 4.0  # seconds (RFC 3261, 17.1.1.1): the first retransmission, and the longest pause
GIVE_UP = 64 * T1
_RECEIVE = 8192
_REMEMBERED = 4096  # answers kept for requests that come again


class CallFailed(Exception):
    """A call could not be placed, or ended before its time. The message says how."""


class NotRegistered(Exception):
    """The registrar refused a phone, or did not answer."""


class Plug(Protocol):
    """What SIP is sent through."""

    def sendto(self, data: bytes, address: Address, /) -> object:
        """Send a datagram."""
        ...

    def fileno(self) -> int:
        """Return what the loop reads from."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


def now() -> float:
    """Return the time in seconds: of the real-time clock, as the kernel stamps what arrives."""
    return time.time()


class LegState(Enum):
    """Where a leg stands."""

    RINGING = auto()  # no final answer yet
    ANSWERED = auto()  # 200 sent or received
    ENDED = auto()


@dataclass(eq=False, slots=True)
class Leg:
    """One call as one of these telephones sees it. Times are those of `now`."""

    dialog: Dialog
    line: Line
    offered_at: float
    invite: sip.Message | None = None  # of an incoming call
    answered_at: float = 0.0
    ended_at: float = 0.0
    state: LegState = LegState.RINGING
    ended_by_us: bool = False
    cancelled: bool = False  # it ended before it was answered
    unheard: bool = False  # our 200 was never acknowledged
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    _last: bytes = b""  # our last answer to the INVITE, for one that comes again
    _acknowledged: asyncio.Event = field(default_factory=asyncio.Event)


class Swarm:
    """Telephones on one SIP socket. Use as `async with Swarm(...) as swarm`.

    An incoming call goes to the phone its URI names (`phones`, by user); it rings at once, and the
    phone then calls `answer` or `refuse`. Whoever is no phone here gets 404.
    """

    def __init__(self, local: Address, remote: Address, pump: Pump) -> None:
        self.phones: dict[str, Callable[[Leg], None]] = {}
        self._local, self._remote, self._pump = local, remote, pump
        self._legs: dict[str, Leg] = {}
        self._asked: dict[tuple[str, str], asyncio.Queue[sip.Message]] = {}
        self._replies: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._plug: Plug = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.repeated = 0  # requests that came more than once

    async def __aenter__(self) -> "Swarm":
        plug = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        plug.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        plug.setblocking(False)
        plug.bind(self._local)
        self._plug = plug
        asyncio.get_running_loop().add_reader(plug, self._readable, plug)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(self.hang_up(leg) for leg in list(self._legs.values())))
        for task in list(self._tasks):
            task.cancel()
        asyncio.get_running_loop().remove_reader(self._plug.fileno())
        self._plug.close()

    @property
    def legs(self) -> int:
        """Return how many legs live."""
        return len(self._legs)

    async def register(self, who: Credentials, seconds: int, dialog: Dialog | None = None) -> Dialog:
        """Register a phone, or renew it with the dialog of the last time; 0 seconds take it back.

        Raises NotRegistered.
        """
        dialog = dialog or Dialog.outgoing(self._local, self._remote, who.user, "")
        try:
            answer = await self._ask(dialog.register(seconds), GIVE_UP)
            if answer.status == 401:
                challenge = Challenge.of(answer.headers.get("www-authenticate", ""))
                word = challenge.answer(who, "REGISTER", dialog.target)
                answer = await self._ask(dialog.register(seconds, word), GIVE_UP)
        except TimeoutError:
            raise NotRegistered("the registrar does not answer") from None
        if answer.status != 200:
            raise NotRegistered(f"refused: {answer.start.removeprefix('SIP/2.0 ')}")
        return dialog

    async def call(self, number: str, user: str, who: Credentials | None = None, within: float = 8.0) -> Leg:
        """Call a number and return once it is answered; after `within` seconds the call is cancelled.

        Raises CallFailed with the SIP status otherwise.
        """
        dialog = Dialog.outgoing(self._local, self._remote, user, number)
        leg = Leg(dialog, self._pump.open(), now())
        self._legs[dialog.call_id] = leg
        sdp = description(self._local[0], leg.line.port, leg.line.port)
        try:
            answer = await self._ask(dialog.invite(sdp), within)
            if answer.status in (401, 407) and who is not None:
                self._acknowledge(leg, answer)
                asked = answer.headers.get("www-authenticate") or answer.headers.get("proxy-authenticate", "")
                word = Challenge.of(asked).answer(who, "INVITE", dialog.target)
                answer = await self._ask(dialog.invite(sdp, word), within)
        except TimeoutError:
            await self._cancel(leg)
            raise CallFailed(f"no final answer within {within:g} s") from None
        self._acknowledge(leg, answer)
        if (answer.status or 0) >= 300:
            self._end(leg, by_us=False)
            raise CallFailed(f"refused: {answer.start.removeprefix('SIP/2.0 ')}")
        leg.state, leg.answered_at = LegState.ANSWERED, now()
        leg.line.media = sip.media_address(answer.body)
        return leg

    def answer(self, leg: Leg) -> None:
        """Answer a call that rings; one that was cancelled stays ended."""
        if leg.state is not LegState.RINGING or leg.invite is None:
            return
        leg.state, leg.answered_at = LegState.ANSWERED, now()
        leg.line.media = sip.media_address(leg.invite.body)
        sdp = description(self._local[0], leg.line.port, leg.line.port)
        self._finish(leg, "200 OK", sdp)

    def refuse(self, leg: Leg, status: str = "486 Busy Here") -> None:
        """Refuse a call that rings."""
        if leg.state is LegState.RINGING and leg.invite is not None:
            self._finish(leg, status)
            self._end(leg, by_us=True)

    async def hang_up(self, leg: Leg) -> None:
        """End a call in whatever state it is; return once the other side has agreed, or never will."""
        if leg.state is LegState.RINGING and leg.invite is None:
            await self._cancel(leg)
        elif leg.state is LegState.RINGING:
            self.refuse(leg, "480 Temporarily Unavailable")
        elif leg.state is LegState.ANSWERED:
            bye = leg.dialog.bye()
            self._end(leg, by_us=True)
            with contextlib.suppress(TimeoutError):
                await self._ask(bye, 4.0)

    # --- what arrives ---

    def _readable(self, plug: socket.socket) -> None:
        while True:
            try:
                datagram, ancillary, _, _ = plug.recvmsg(_RECEIVE, 64)
            except OSError:  # nothing there, or nobody listens at the other end
                return
            self.receive(datagram, stamped(ancillary[0][2]))

    def receive(self, data: bytes, at: float) -> None:
        """Take a datagram that arrived at `at`; what is no SIP is dropped."""
        try:
            message = sip.parse(data)
        except sip.NotSip:
            return
        if message.status is not None:
            self._response(message)
        elif message.method == "ACK":
            if (leg := self._legs.get(message.headers["call-id"])) is not None:
                leg._acknowledged.set()
            self._replies.pop((branch_of(message), "INVITE"), None)
        elif (known := self._replies.get((branch_of(message), message.method))) is not None:
            self.repeated += 1
            self._send(known)
        else:
            self._request(message, at)

    def _request(self, message: sip.Message, at: float) -> None:
        leg = self._legs.get(message.headers["call-id"])
        if message.method == "INVITE":
            self._invited(leg, message, at)
        elif message.method == "CANCEL":
            self._cancelled(leg, message, at)
        elif message.method == "BYE":
            self._reply(message, "200 OK" if leg is not None else "481 Call Does Not Exist")
            if leg is not None:
                self._end(leg, by_us=False, at=at)
        elif message.method == "OPTIONS":
            self._reply(message, "200 OK")
        else:
            self._reply(message, "501 Not Implemented")

    def _invited(self, leg: Leg | None, invite: sip.Message, at: float) -> None:
        if leg is not None:
            if leg.invite is not None and branch_of(leg.invite) == branch_of(invite):
                self.repeated += 1
                self._send(leg._last)
            else:  # within the call: the audio stays where it is
                sdp = description(self._local[0], leg.line.port, leg.line.port)
                self._send(leg.dialog.reply(invite, "200 OK", sdp))
            return
        phone = self.phones.get(user_of(invite))
        if phone is None or tag_of(invite.headers["to"]):
            self._reply(invite, "481 Call Does Not Exist" if phone else "404 Not Found")
            return
        dialog = Dialog.incoming(self._local, self._remote, user_of(invite), invite)
        leg = self._legs[dialog.call_id] = Leg(dialog, self._pump.open(), at, invite)
        leg._last = dialog.reply(invite, "180 Ringing")
        self._send(leg._last)
        phone(leg)

    def _cancelled(self, leg: Leg | None, cancel: sip.Message, at: float) -> None:
        self._reply(cancel, "200 OK" if leg is not None else "481 Call Does Not Exist")
        # A CANCEL that crosses our 200 changes nothing: the other side sends BYE (RFC 3261, 9.2).
        if leg is not None and leg.state is LegState.RINGING and leg.invite is not None:
            leg.cancelled = True
            self._finish(leg, "487 Request Terminated")
            self._end(leg, by_us=False, at=at)

    def _response(self, message: sip.Message) -> None:
        waiting = self._asked.get((branch_of(message), message.method))
        if waiting is not None:
            waiting.put_nowait(message)
            return
        leg = self._legs.get(message.headers["call-id"])
        if leg is not None and message.method == "INVITE" and (message.status or 0) >= 200:
            self._acknowledge(leg, message)  # it comes again: our ACK was lost

    # --- transactions ---

    async def _ask(self, request: bytes, within: float) -> sip.Message:
        """Send a request, again with doubled pauses, until its final answer. Raises TimeoutError."""
        message = sip.parse(request)
        key = (branch_of(message), message.method)
        answers = self._asked[key] = asyncio.Queue()
        pause, provisional = T1, False
        try:
            async with asyncio.timeout(within):
                self._send(request)
                while True:
                    try:
                        answer = await asyncio.wait_for(answers.get(), None if provisional else pause)
                    except TimeoutError:
                        self._send(request)
                        pause = pause * 2 if message.method == "INVITE" else min(T2, pause * 2)
                        continue
                    if (answer.status or 0) >= 200:
                        return answer
                    provisional = message.method == "INVITE"
        finally:
            del self._asked[key]

    async def _cancel(self, leg: Leg) -> None:
        """Cancel a call of ours; one that is answered in that moment is hung up."""
        invite = (leg.dialog.invite_branch, "INVITE")
        answers = self._asked[invite] = asyncio.Queue()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(4.0):
                    await self._ask(leg.dialog.cancel(), 4.0)
                    while ((answer := await answers.get()).status or 0) < 200:
                        pass
                    self._acknowledge(leg, answer)
                    if (answer.status or 0) < 300:
                        leg.state = LegState.ANSWERED
        finally:
            del self._asked[invite]
        if leg.state is LegState.ANSWERED:
            await self.hang_up(leg)
        self._end(leg, by_us=True)

    def _acknowledge(self, leg: Leg, answer: sip.Message) -> None:
        leg.dialog.remote_tag = tag_of(answer.headers.get("to", ""))
        success = (answer.status or 0) < 300
        if success and answer.contact:
            leg.dialog.target = answer.contact
        self._send(leg.dialog.ack(of_success=success))
        if not success:
            leg.dialog.remote_tag = ""  # another INVITE begins anew

    def _finish(self, leg: Leg, status: str, sdp: str = "") -> None:
        """Send the final answer to an INVITE, again until it is acknowledged."""
        if leg.invite is None:
            return
        leg._last = leg.dialog.reply(leg.invite, status, sdp)
        self._remember((branch_of(leg.invite), "INVITE"), leg._last)
        task = asyncio.get_running_loop().create_task(self._repeat_final(leg, leg._last, bool(sdp)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _repeat_final(self, leg: Leg, final: bytes, success: bool) -> None:
        pause, since = T1, time.monotonic()
        branch = branch_of(sip.parse(final))
        self._send(final)
        while time.monotonic() - since < GIVE_UP:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(leg._acknowledged.wait(), pause)
                return
            # An ended leg is forgotten: the ACK of its refusal then only takes this answer off the list.
            if leg.state is LegState.ENDED and (branch, "INVITE") not in self._replies:
                return
            self._send(final)
            pause = min(T2, pause * 2)
        leg.unheard = success
        self._end(leg, by_us=False)

    def _reply(self, request: sip.Message, status: str) -> None:
        answer = sip.response(request, status, tag="swarm")
        self._remember((branch_of(request), request.method), answer)
        self._send(answer)

    def _remember(self, key: tuple[str, str], answer: bytes) -> None:
        self._replies[key] = answer
        if len(self._replies) > _REMEMBERED:
            self._replies.popitem(last=False)

    def _end(self, leg: Leg, *, by_us: bool, at: float = 0.0) -> None:
        if leg.state is LegState.ENDED:
            return
        if leg.state is LegState.ANSWERED:
            leg._acknowledged.set()  # whoever hangs up has heard that it was answered
        leg.state, leg.ended_by_us, leg.ended_at = LegState.ENDED, by_us, at or now()
        self._legs.pop(leg.dialog.call_id, None)
        self._pump.close(leg.line)
        leg.ended.set()

    def _send(self, datagram: bytes) -> None:
        if datagram:
            with contextlib.suppress(OSError):  # a full buffer or a closed socket: what was lost comes again
                self._plug.sendto(datagram, self._remote)
