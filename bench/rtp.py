"""RTP (RFC 3550) and keys as telephone events (RFC 4733), as bytes."""

import struct
from collections.abc import Iterator

from bench.sip import ALAW, TELEPHONE_EVENT

FRAME = 160  # samples, and bytes of A-law, in 20 ms at 8 kHz
FRAME_SECONDS = 0.02
HEADER = struct.Struct("!BBHII")
_KEYS = "0123456789*#ABCD"
_VOLUME = 10  # -10 dBm0, a usual level
KEY_FRAMES = 5  # 100 ms: above the 80 ms that Asterisk would stretch a shorter key to
END_REPEATS = 3  # RFC 4733, 2.5.1.4


class RtpOut:
    """The packets of one outgoing stream: keys where they are pressed, audio where somebody speaks.

    In between nothing is sent, as phones with silence suppression do: in all arms alike.
    """

    def __init__(self, ssrc: int, sequence: int = 1, time: int = 8000) -> None:
        """Begin at a time above 0: Asterisk takes a first key stamped 0 for a repeated one."""
        self._ssrc = ssrc
        self._sequence = sequence
        self._time = time

    def pause(self) -> None:
        """Let 20 ms pass without a packet."""
        self._time += FRAME

    def speak(self, payload: bytes) -> bytes:
        """Return the packet of 20 ms of A-law."""
        packet = self._header(self._time, marker=False, payload=ALAW) + payload
        self._time += FRAME
        return packet

    def key(self, key: str) -> Iterator[tuple[bytes, bool]]:
        """Yield a key's packets, one for each 20 ms, and whether it is the one that first says "end".

        Raises ValueError for what is no key.
        """
        event = _KEYS.index(key)
        began = self._time
        for number in range(1, KEY_FRAMES + END_REPEATS + 1):
            end = number > KEY_FRAMES
            duration = min(number, KEY_FRAMES) * FRAME
            payload = struct.pack("!BBH", event, (0x80 if end else 0) | _VOLUME, duration)
            yield (
                self._header(began, marker=number == 1) + payload,
                number == KEY_FRAMES + 1,
            )
            self._time += FRAME

    def _header(self, time: int, *, marker: bool, payload: int = TELEPHONE_EVENT) -> bytes:
        second = payload | (0x80 if marker else 0)
        packet = HEADER.pack(0x80, second, self._sequence & 0xFFFF, time & 0xFFFFFFFF, self._ssrc)
        self._sequence += 1
        return packet
