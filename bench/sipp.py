"""SIPp (Debian's `sip-tester`): scenarios, runs, and what its files say."""

import csv
import socket
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from asterisk_conf import debian
from bench.figures import percentile
from bench.pcap import write_key
from bench.sip import ALAW, TELEPHONE_EVENT


class SippFailed(Exception):
    """SIPp could not run. The message holds what it said."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the calls of one run."""

    offered: int
    completed: int  # answered, and hung up on as the scenario expects
    refused: int  # answered with 503
    failed: int  # everything else
    seconds: float  # of the whole run
    answer_ms: tuple[float, ...]  # from INVITE to 200, of answered calls

    @property
    def rate(self) -> float:
        """Return the calls offered a second."""
        return self.offered / self.seconds if self.seconds else 0.0

    def p99(self) -> float:
        """Return the 99th percentile of INVITE to 200 in milliseconds; infinite if none was answered."""
        return percentile(self.answer_ms, 0.99) if self.answer_ms else float("inf")


ANSWER_WITHIN = 10_000  # milliseconds; a caller who is not answered gives up
_INVITE = f"""  <send retrans="500" start_rtd="answer"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:0812555[call_number]@[local_ip]:[local_port]>;tag=[pid]B[call_number]
To: <sip:[service]@[remote_ip]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:bench@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=bench 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP {ALAW} {TELEPHONE_EVENT}
a=rtpmap:{ALAW} PCMA/8000
a=rtpmap:{TELEPHONE_EVENT} telephone-event/8000
a=fmtp:{TELEPHONE_EVENT} 0-15
a=ptime:20
]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="183" optional="true"/>
  <recv response="503" optional="true" next="refused" counter="refused"/>
  <recv response="200" rtd="answer" rrs="true" timeout="{ANSWER_WITHIN}"/>
  <send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:0812555[call_number]@[local_ip]:[local_port]>;tag=[pid]B[call_number]
To: <sip:[service]@[remote_ip]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Contact: <sip:bench@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Length: 0

]]></send>
"""
_CALLEE_HANGS_UP = """  <recv request="BYE" timeout="{milliseconds}"/>
  <send next="end"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
"""
_CALLER_HANGS_UP = """  <pause milliseconds="{milliseconds}"/>
  <send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:0812555[call_number]@[local_ip]:[local_port]>;tag=[pid]B[call_number]
To: <sip:[service]@[remote_ip]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 BYE
Contact: <sip:bench@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Length: 0

]]></send>
  <recv response="200" next="end"/>
"""
_REFUSED = """  <label id="refused"/>
  <send><![CDATA[
ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-1]
From: <sip:0812555[call_number]@[local_ip]:[local_port]>;tag=[pid]B[call_number]
To: <sip:[service]@[remote_ip]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
  <label id="end"/>
"""


@dataclass(frozen=True, slots=True)
class CalleeHangsUp:
    """The called side ends the call, within so many seconds after the last key; else the call failed."""

    seconds: float
    template: ClassVar[str] = _CALLEE_HANGS_UP


@dataclass(frozen=True, slots=True)
class CallerHangsUp:
    """The caller ends the call so many seconds after the last key, or after the answer."""

    seconds: float
    template: ClassVar[str] = _CALLER_HANGS_UP


Ending = CalleeHangsUp | CallerHangsUp


@dataclass(frozen=True, slots=True)
class Key:
    """A key that a scenario presses: so many seconds after the one before (or the answer)."""

    key: str
    after: float


def scenario(keys: Sequence[Key], captures: Path, ending: Ending) -> str:
    """Return a scenario: call, press the keys, end.

    The captures that SIPp plays for the keys are written into the folder `captures`.
    """
    parts = []
    for place, key in enumerate(keys):
        capture = captures / f"key-{place}.pcap"
        length = write_key(capture, key.key, place)
        parts.append(f'  <pause milliseconds="{round(key.after * 1000)}"/>\n')
        parts.append(f'  <nop><action><exec play_pcap_audio="{capture}"/></action></nop>\n')
        parts.append(f'  <pause milliseconds="{round(length * 1000)}"/>\n')
    parts.append(ending.template.replace("{milliseconds}", str(round(ending.seconds * 1000))))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="bench">\n'
        + _INVITE
        + "".join(parts)
        + _REFUSED
        + "</scenario>\n"
    )


@dataclass(frozen=True, slots=True)
class Sipp:
    """A SIPp ready to run."""

    tool: debian.Tool
    local_port: int
    media_port: int
    remote: tuple[str, int]

    @classmethod
    def fetched(cls, cache: Path, local_port: int, media_port: int, remote: tuple[str, int]) -> "Sipp":
        """Return SIPp out of the cache; fetch it if needed. Raises debian.PackagesUnavailable."""
        suite = debian.host_suite()
        root = debian.fetch(("sip-tester",), suite, cache / f"sip-tester-{suite}")
        return cls(debian.tool_command(root, "usr/bin/sipp"), local_port, media_port, remote)

    def run(self, number: str, keys: Sequence[Key], *, rate: float, calls: int, ending: Ending) -> Outcome:
        """Place `calls` calls to `number`, `rate` a second; return what became of them.

        Raises SippFailed.
        """
        longest = sum(key.after + 1 for key in keys) + ending.seconds
        with tempfile.TemporaryDirectory(prefix="bench-sipp-") as name:
            folder = Path(name)
            (folder / "call.xml").write_text(scenario(keys, folder, ending))
            command = [*self.tool.argv, *self._options(folder, number, rate, calls, longest)]
            said = _run(command, folder, self.tool.env, calls / rate + longest + 30)
            if not (folder / "stat.csv").exists():
                raise SippFailed(f"SIPp did not run: {said[-400:].strip()}")
            times = next(folder.glob("*_rtt.csv"), None)
            return outcome((folder / "stat.csv").read_text(), times.read_text() if times else "")

    def _options(self, folder: Path, number: str, rate: float, calls: int, longest: float) -> list[str]:
        host, port = self.remote
        return [
            f"{host}:{port}",
            *("-sf", str(folder / "call.xml"), "-s", number),
            *("-i", "127.0.0.1", "-p", str(self.local_port)),
            *("-mi", "127.0.0.1", "-mp", str(self.media_port)),
            *("-r", f"{rate:g}", "-m", str(calls), "-l", str(calls)),
            *("-timeout", f"{round(calls / rate + longest + 15)}s"),
            *("-trace_stat", "-stf", str(folder / "stat.csv"), "-fd", "1"),
            *("-trace_rtt", "-rtt_freq", "10", "-nostdin", "-skip_rlimit", "-cp", str(self.media_port + 4)),
        ]


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str], limit: float) -> str:
    """Run a command; return what it said. After `limit` seconds it is ended: its files tell the rest."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=dict(environment),
            check=False,
            capture_output=True,
            text=True,
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        return f"ended after {limit:.0f} s"
    return done.stderr or done.stdout


def outcome(statistics: str, times: str) -> Outcome:
    """Read SIPp's statistics file (`-trace_stat`) and response times (`-trace_rtt`).

    Raises SippFailed when the statistics hold no row.
    """
    rows = list(csv.DictReader(statistics.splitlines(), delimiter=";"))
    if not rows:
        raise SippFailed("SIPp wrote no statistics; it was ended before its first second")
    last = rows[-1]
    began = float(rows[0]["StartTime"].split("\t")[-1])
    ended = float(last["CurrentTime"].split("\t")[-1])
    answers = tuple(
        float(row["response_time_ms"])
        for row in csv.DictReader(times.splitlines(), delimiter=";")
        if row["rtd_no"] == "answer"
    )
    refused = int(last["refused(C)"])
    return Outcome(
        offered=int(last["TotalCallCreated"]),
        completed=int(last["SuccessfulCall(C)"]) - refused,
        refused=refused,
        failed=int(last["FailedCall(C)"]) + int(last["CurrentCall"]),
        seconds=ended - began,
        answer_ms=answers,
    )


def may_send_raw() -> bool:
    """Return whether this process may open raw sockets, which SIPp needs to play keys."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP).close()
    except PermissionError:
        return False
    return True
