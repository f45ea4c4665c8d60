"""An ear that knows the prompts: which one is heard, and when its first packet came.

Asterisk sends a prompt stored in the call's codec packet by packet as it lies in the file, so each
packet is recognised by its bytes alone, without any signal processing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.rtp import FRAME


@dataclass(frozen=True, slots=True)
class Heard:
    """A prompt began: its name and the arrival of its first packet (nanoseconds of the real-time clock)."""

    prompt: str
    at: int


class Repertoire:
    """The prompts an ear can tell apart."""

    def __init__(self, prompts: Mapping[str, bytes]) -> None:
        """Take the A-law bytes of each prompt. Raises ValueError when one cannot be recognised."""
        places: dict[bytes, tuple[str, int] | None] = {}
        self.frames: dict[str, int] = {}
        for name, audio in prompts.items():
            self.frames[name] = (len(audio) + FRAME - 1) // FRAME
            for index in range(len(audio) // FRAME):
                frame = audio[index * FRAME : (index + 1) * FRAME]
                places[frame] = None if frame in places else (name, index)
        # A frame that occurs twice (silence, say) tells nothing.
        self.places = {frame: place for frame, place in places.items() if place is not None}
        recognisable = {name for name, _ in self.places.values()}
        for name in prompts:
            if name not in recognisable:
                raise ValueError(f"prompt {name!r} has no 20 ms that occur only in it; record it anew")

    def seconds(self, prompt: str) -> float:
        """Return a prompt's length."""
        return self.frames[prompt] * 0.02


class Ear:
    """One call's ear. Feed it packets in the order of arrival."""

    def __init__(self, repertoire: Repertoire) -> None:
        self._places = repertoire.places
        self._arrivals: dict[int, int] = {}  # extended sequence number → arrival of the packet
        self._extended = -1
        self.prompt: str | None = None
        self.index = -1  # of the last recognised packet within the prompt
        self.packets = 0
        self.missing = 0
        self.clipped = 0  # prompts whose first packet never came

    def hear(self, sequence: int, payload: bytes, at: int) -> Heard | None:
        """Take a packet; return the prompt that it shows to have begun, if any."""
        number = self._number(sequence)
        self._arrivals[number] = at
        self._arrivals.pop(number - 512, None)  # ten seconds: no prompt is silent at its start for longer
        self.packets += 1
        place = self._places.get(payload)
        if place is None:
            return None
        name, index = place
        goes_on = name == self.prompt and index > self.index
        self.prompt, self.index = name, index
        if goes_on:
            return None
        began = self._arrivals.get(number - index)
        if began is None:
            self.clipped += 1
            began = at
        return Heard(name, began)

    def _number(self, sequence: int) -> int:
        if self._extended < 0:
            self._extended = sequence
            return sequence
        step = (sequence - self._extended) & 0xFFFF
        if step == 0 or step > 0x7FFF:  # repeated or late
            return self._extended
        self.missing += step - 1
        self._extended += step
        return self._extended
