"""The telephone's own process: pjsua2 driven by JSON lines.

Started as `python -m service.phone.process`. Each line on standard input is a command
`{"do": …}`, each line on standard output an event `{"event": …}`; `protocol.py` lists both.
Nothing but pjsua2 and the standard library is imported here, because pjsua2 is GPL.

Threads: pjsua2's own clock thread delivers received audio, one 20 ms frame at a time; everything
else (SIP and commands) happens in the main thread, which polls pjsua2.
"""

from __future__ import annotations

import base64
import ctypes
import json
import os
import queue
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from service.phone.protocol import FRAME_SAMPLES, INSTALL_HINT, LINES, SAMPLE_RATE

FRAMES_PER_LINE = 2  # audio goes to the parent every 40 ms
POLL_MS = 10
END_WAIT_SECONDS = 2.0
FREE_LINE_SECONDS = 2.0
TOO_MANY = 70010  # PJ_ETOOMANY
REGISTER_SECONDS = 60
TONE_MS = 10_000  # of one round; it is played round and round
# By which desk phones are asked to answer by themselves.
QUICK = re.compile(
    r"^(Call-Info:.*answer-after=0|Alert-Info:.*alert-autoanswer)", re.MULTILINE | re.IGNORECASE
)
CODECS = ("PCMA/8000/1", "PCMU/8000/1")

try:
    import pjsua2 as pj
except ImportError:  # told to the parent as the first line, see main()
    pj = None

_AudioMediaPort: Any = pj.AudioMediaPort if pj else object
_Account: Any = pj.Account if pj else object
_Call: Any = pj.Call if pj else object


class Pipe:
    """Writes events to the parent, one JSON line each, from any thread."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def tell(self, event: str, **fields: object) -> None:
        """Send one event. A parent that is gone ends this process."""
        line = json.dumps({"event": event, **fields}, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            try:
                self._stream.write(line)
                self._stream.flush()
            except (BrokenPipeError, ValueError):
                os._exit(0)


def frame_bytes(buffer: Any, size: int) -> bytes:
    """Return the content of a `ByteVector`.

    The wrapper hands a frame over as a C++ vector and converts it byte by byte (0.6 ms, 3 % of a
    core per call); the vector's first word is the address of its data, which costs 2 µs.
    """
    address = ctypes.c_void_p.from_address(int(buffer.this)).value
    return ctypes.string_at(address, size) if address else b""


class Earpiece(_AudioMediaPort):  # type: ignore[misc]  # pjsua2 has no types
    """Receives a call's audio, decoded, in frames of 20 ms."""

    def __init__(self, pipe: Pipe, call: int) -> None:
        super().__init__()
        self._pipe, self._call = pipe, call
        self._pending: list[bytes] = []
        self._since = 0.0
        shape = pj.MediaFormatAudio()
        shape.init(pj.PJMEDIA_FORMAT_PCM, SAMPLE_RATE, 1, FRAME_SAMPLES * 1_000_000 // SAMPLE_RATE, 16)
        self.createPort(f"ear{call}", shape)

    def onFrameReceived(self, frame: Any) -> None:  # noqa: N802 - pjsua2's name
        """Collect a frame; called from pjsua2's clock thread."""
        if not self._pending:
            self._since = time.monotonic()
        if frame.type == pj.PJMEDIA_FRAME_TYPE_AUDIO and frame.size:
            self._pending.append(frame_bytes(frame.buf, frame.size))
        else:
            self._pending.append(bytes(FRAME_SAMPLES * 2))
        if len(self._pending) >= FRAMES_PER_LINE:
            pcm = base64.b64encode(b"".join(self._pending)).decode()
            self._pending.clear()
            self._pipe.tell("audio", call=self._call, at=self._since, pcm=pcm)


class Line(_Call):  # type: ignore[misc]  # pjsua2 has no types
    """One call."""

    def __init__(
        self, account: Any, pipe: Pipe, call: int, listens: bool, call_id: int | None = None
    ) -> None:
        super().__init__(account, *(() if call_id is None else (call_id,)))
        self._pipe, self.call, self._listens = pipe, call, listens
        self._earpiece: Earpiece | None = None
        self._tone: Any = None
        self.hung_up_here = False
        self.over = False

    def onCallState(self, _prm: Any) -> None:  # noqa: N802 - pjsua2's name
        """Tell the parent what became of the call."""
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self._pipe.tell("answered", call=self.call, at=time.monotonic())
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.over = True
            self._pipe.tell(
                "ended",
                call=self.call,
                at=time.monotonic(),
                status=info.lastStatusCode,
                reason=info.lastReason,
                by="phone" if self.hung_up_here else "far_end",
            )

    def onCallMediaState(self, _prm: Any) -> None:  # noqa: N802 - pjsua2's name
        """Connect the earpiece once audio flows."""
        for media in self._audio():
            if self._listens:
                if self._earpiece is None:
                    self._earpiece = Earpiece(self._pipe, self.call)
                media.startTransmit(self._earpiece)
            if self._tone is not None:
                self._tone.startTransmit(media)

    def speak(self, hertz: float) -> None:
        """Send a tone from now on, also over media that comes later; 0 sends silence."""
        if self._tone is None:
            self._tone = pj.ToneGenerator()
            self._tone.createToneGenerator(SAMPLE_RATE, 1)
            for media in self._audio():
                self._tone.startTransmit(media)
        if self._tone.isBusy():
            self._tone.stop()
        if hertz:
            tone = pj.ToneDesc()
            tone.freq1, tone.freq2, tone.on_msec, tone.off_msec = int(hertz), 0, TONE_MS, 0
            self._tone.play(pj.ToneDescVector([tone]), True)

    def _audio(self) -> Iterator[Any]:
        info = self.getInfo()  # kept in a variable: the media list lives inside it
        for index, media in enumerate(info.media):
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status == pj.PJSUA_CALL_MEDIA_ACTIVE:
                yield self.getAudioMedia(index)


class Account(_Account):  # type: ignore[misc]  # pjsua2 has no types
    """Where calls come in, and the registration if there is one."""

    def __init__(self, pipe: Pipe, rings: Callable[[int, bool], None]) -> None:
        super().__init__()
        self._pipe, self._rings = pipe, rings

    def onRegState(self, prm: Any) -> None:  # noqa: N802 - pjsua2's name
        """Tell the parent how a registration went."""
        self._pipe.tell("registered", status=int(prm.code), seconds=int(prm.expiration))

    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802 - pjsua2's name
        """Hand on a call that rings."""
        self._rings(int(prm.callId), QUICK.search(prm.rdata.wholeMsg) is not None)


class Phone:
    """One SIP user agent with many calls."""

    def __init__(self, pipe: Pipe, start: dict[str, Any]) -> None:
        log_level = int(start["log_level"])
        self._pipe = pipe
        self._lines: dict[int, Any] = {}
        self._rung = 0
        self._endpoint = pj.Endpoint()
        self._endpoint.libCreate()
        self._endpoint.libInit(self._config(log_level))
        self._endpoint.audDevManager().setNullDev()
        transport = pj.TransportConfig()
        transport.port = int(start.get("port", 0))  # 0: any that is free
        transport.boundAddress = "127.0.0.1"
        transport.publicAddress = "127.0.0.1"
        self._transport = self._endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        self._endpoint.libStart()
        self._only_g711()
        self._account: Any = Account(pipe, self._rings)
        self._account.create(self._account_config(start))

    @staticmethod
    def _config(log_level: int) -> Any:
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.maxCalls = LINES
        config.uaConfig.userAgent = "kring-phone"
        config.medConfig.clockRate = config.medConfig.sndClockRate = SAMPLE_RATE
        config.medConfig.noVad = True  # a telephone sends all the time, also when its user is silent
        config.medConfig.ecTailLen = 0
        config.medConfig.sndAutoCloseTime = -1
        config.logConfig.level = config.logConfig.consoleLevel = log_level
        config.logConfig.msgLogging = False
        return config

    def _only_g711(self) -> None:
        for codec in self._endpoint.codecEnum2():
            self._endpoint.codecSetPriority(codec.codecId, 0)
        for place, codec_id in enumerate(CODECS):
            self._endpoint.codecSetPriority(codec_id, 255 - place)

    def _account_config(self, start: dict[str, Any]) -> Any:
        config = pj.AccountConfig()
        config.idUri = "sip:phone@127.0.0.1"
        if registrar := start.get("registrar"):
            user, secret = start["user"], start["secret"]
            config.idUri = f"sip:{user}@{registrar}"
            config.regConfig.registrarUri = f"sip:{registrar}"
            config.regConfig.timeoutSec = REGISTER_SECONDS
            config.regConfig.firstRetryIntervalSec = config.regConfig.retryIntervalSec = 1
            config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", user, 0, secret))
        config.sipConfig.transportId = self._transport
        config.mediaConfig.lockCodecEnabled = False  # no re-negotiation to one codec: both are G.711
        config.mediaConfig.transportConfig.port = 0
        config.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
        config.mediaConfig.transportConfig.publicAddress = "127.0.0.1"
        return config

    def sip_address(self) -> str:
        """Return host:port of the SIP socket."""
        return str(self._endpoint.transportGetInfo(self._transport).localName)

    def obey(self, command: dict[str, Any]) -> None:
        """Perform one command."""
        handlers = {
            "call": self._call,
            "press": self._press,
            "answer": self._answer,
            "tone": self._tone,
            "hang_up": self._hang_up,
            "sign_off": self._sign_off,
        }
        handlers[command["do"]](command)

    def _call(self, command: dict[str, Any]) -> None:
        call = int(command["call"])
        line = Line(self._account, self._pipe, call, bool(command["listens"]))
        self._lines[call] = line
        parameters = pj.CallOpParam(True)
        parameters.opt.audioCount, parameters.opt.videoCount = 1, 0
        if command.get("caller"):
            parameters.txOption.localUri = command["caller"]
        line.makeCall(command["uri"], parameters)

    def _sign_off(self, _command: dict[str, Any]) -> None:
        self._account.setRegistration(False)

    def _rings(self, call_id: int, quick: bool) -> None:
        self._rung -= 1
        line = Line(self._account, self._pipe, self._rung, listens=True, call_id=call_id)
        self._lines[self._rung] = line
        info = line.getInfo()
        self._pipe.tell("rings", call=self._rung, caller=info.remoteUri, called=info.localUri, quick=quick)

    def _answer(self, command: dict[str, Any]) -> None:
        line = self._lines.get(int(command["call"]))
        if line is None or line.over:
            return
        parameters = pj.CallOpParam(True)
        parameters.statusCode = int(command["status"])
        line.hung_up_here = parameters.statusCode >= 300
        line.answer(parameters)

    def _tone(self, command: dict[str, Any]) -> None:
        line = self._lines.get(int(command["call"]))
        if line is not None and not line.over:
            line.speak(float(command["hertz"]))

    def _press(self, command: dict[str, Any]) -> None:
        line = self._lines.get(int(command["call"]))
        if line is None or line.over:
            return
        parameters = pj.CallSendDtmfParam()
        parameters.method = pj.PJSUA_DTMF_METHOD_RFC2833
        parameters.digits = command["key"]
        parameters.duration = int(command["milliseconds"])
        line.sendDtmf(parameters)
        self._pipe.tell("pressed", call=line.call, at=time.monotonic())

    def _hang_up(self, command: dict[str, Any]) -> None:
        line = self._lines.get(int(command["call"]))
        if line is None or line.over:
            return
        line.hung_up_here = True
        line.hangup(pj.CallOpParam(True))

    def poll(self) -> None:
        """Let pjsua2 work for a moment, and forget calls that are over."""
        self._endpoint.libHandleEvents(POLL_MS)
        for call in [call for call, line in self._lines.items() if line.over]:
            del self._lines[call]

    def close(self) -> None:
        """Hang up everything. The process ends right after it, so pjsua2 itself is left as it is."""
        for line in self._lines.values():
            line.hung_up_here = True
        self._endpoint.hangupAllCalls()
        deadline = time.monotonic() + END_WAIT_SECONDS
        while self._lines and time.monotonic() < deadline:
            self.poll()


def _read_commands(commands: queue.Queue[dict[str, Any]]) -> None:
    for line in sys.stdin.buffer:
        commands.put(json.loads(line))
    commands.put({"do": "stop"})


def _may_try_again(command: dict[str, Any]) -> bool:
    """Whether to wait for a free line: pjsua2 frees the one of an ended call a moment later."""
    now = time.monotonic()
    return now < float(command.setdefault("try_until", now + FREE_LINE_SECONDS))


def _serve(phone: Phone, pipe: Pipe, commands: queue.Queue[dict[str, Any]]) -> None:
    busy: list[dict[str, Any]] = []
    while True:
        phone.poll()
        while not commands.empty():
            command = commands.get()
            if command["do"] == "stop":
                return
            try:
                phone.obey(command)
            except pj.Error as error:
                if error.status == TOO_MANY and _may_try_again(command):
                    busy.append(command)
                    continue
                pipe.tell("failed", call=command.get("call"), doing=command["do"], why=error.reason)
        for command in busy:
            commands.put(command)
        busy.clear()


def main() -> None:
    """Run until told to stop or until the parent is gone."""
    # pjsua2 prints to standard output by itself: events get a descriptor of their own.
    events = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    pipe = Pipe(events)
    if pj is None:
        pipe.tell("unusable", why=INSTALL_HINT)
        return
    if frame_bytes(pj.ByteVector([1, 2, 3]), 3) != b"\x01\x02\x03":
        pipe.tell("unusable", why="this build of pjsua2 lays its frames out differently; install 2.15.1")
        return
    commands: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_read_commands, args=(commands,), daemon=True).start()
    start = commands.get()
    phone = Phone(pipe, start)
    pipe.tell("ready", address=phone.sip_address())
    _serve(phone, pipe, commands)
    phone.close()
    events.flush()
    os._exit(0)  # the reader thread sits in a blocking read, which an orderly exit would wait for


if __name__ == "__main__":
    main()
