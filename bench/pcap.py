"""RFC 4733 keys as a packet capture that SIPp plays; written byte by byte, so none is kept here."""

import struct
from collections.abc import Sequence
from pathlib import Path

from bench.rtp import FRAME_SECONDS, RtpOut

_FILE_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)  # link type 1: Ethernet
_RECORD = struct.Struct("<IIII")
_ETHERNET = b"\0" * 12 + b"\x08\x00"
_PORT = 6000  # SIPp moves the ports to the call's own


def write_key(path: Path, key: str, place: int) -> float:
    """Write a capture of one key, the `place`-th of its call (from 0); return its length in seconds.

    Each key of a call needs a capture of its own: with the same time stamps the second would count as
    a repetition of the first.
    """
    stream = RtpOut(ssrc=0x0BEC4, sequence=1 + 100 * place, time=8000 * (1 + place))
    records = [_FILE_HEADER]
    at = 0.0
    for packet, _ in stream.key(key):
        records.append(_record(at, _udp(packet)))
        at += FRAME_SECONDS
    path.write_bytes(b"".join(records))
    return at


def read_payloads(data: bytes) -> Sequence[bytes]:
    """Return the UDP payloads of a capture that `write_key` made."""
    payloads, place = [], len(_FILE_HEADER)
    while place < len(data):
        length = _RECORD.unpack_from(data, place)[2]
        place += _RECORD.size
        payloads.append(data[place + len(_ETHERNET) + 28 : place + length])
        place += length
    return payloads


def _record(at: float, packet: bytes) -> bytes:
    frame = _ETHERNET + packet
    seconds = int(at)
    return _RECORD.pack(seconds, round((at - seconds) * 1e6), len(frame), len(frame)) + frame


def _udp(payload: bytes) -> bytes:
    udp = struct.pack("!HHHH", _PORT, _PORT, 8 + len(payload), 0) + payload
    loopback = bytes((127, 0, 0, 1))
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + loopback * 2
    words = struct.unpack("!10H", head)
    total = sum(words)
    total = (total & 0xFFFF) + (total >> 16)
    checksum = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    return head[:10] + struct.pack("!H", checksum) + head[12:] + udp
