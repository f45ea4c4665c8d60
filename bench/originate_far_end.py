"""The far end of `originate`: SIPp, which answers, is busy or does not answer, by chance and at once."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asterisk_conf import debian

HOST = "127.0.0.5"
ANSWERED, BUSY = 0.25, 0.4  # of all calls; the others are 480 (switched off)
_ANSWER = """SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:]{tag}
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:far@[local_ip]:[local_port]>
{body}"""
_TAG = ";tag=[pid]F[call_number]"
_NOTHING = "Content-Length: 0\n\n"
_SDP = """Content-Type: application/sdp
Content-Length: [len]

v=0
o=far 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
"""


def _send(status: str, body: str = _NOTHING, *, retrans: bool = True, tag: str = _TAG) -> str:
    text = _ANSWER.format(status=status, body=body, tag=tag)
    return "<send" + (' retrans="500"' if retrans else "") + f"><![CDATA[\n{text}\n]]></send>\n"


def scenario() -> str:
    """Return SIPp's scenario."""
    off = 1.0 - BUSY / (1.0 - ANSWERED)
    return (
        '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="far">\n'
        f'<recv request="INVITE"></recv>\n<nop next="1" chance="{1.0 - ANSWERED}"></nop>\n'
        + _send("200 OK", _SDP)
        + '<recv request="ACK"></recv>\n<recv request="BYE"></recv>\n'
        + _send("200 OK", retrans=False, tag="").replace("<send>", '<send next="9">')
        + f'<label id="1"/>\n<nop next="2" chance="{off:.4f}"></nop>\n'
        + _send("486 Busy Here")
        + '<recv request="ACK" next="9"></recv>\n<label id="2"/>\n'
        + _send("480 Temporarily Unavailable")
        + '<recv request="ACK"></recv>\n<label id="9"/>\n</scenario>\n'
    )


@contextmanager
def running(cache: Path, port: int) -> Iterator[int]:
    """Run the far end on HOST and `port`; yield its process id."""
    suite = debian.host_suite()
    root = debian.fetch(["sip-tester"], suite, cache / f"sip-tester-{suite}")
    tool = debian.tool_command(root, "usr/bin/sipp")
    with tempfile.TemporaryDirectory(prefix="kring-far-") as folder:
        (Path(folder) / "far.xml").write_text(scenario(), "iso-8859-1")
        words = ["-sf", "far.xml", "-i", HOST, "-p", str(port), "-mi", HOST, "-mp", "30200"]
        words += ["-nostdin", "-l", "5000", "-buff_size", "4000000", "-skip_rlimit"]
        process = subprocess.Popen(
            [*tool.argv, *words],
            cwd=folder,
            env=dict(tool.env),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait(10)
