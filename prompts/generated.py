"""Sounds that are computed: the pause between groups, and the music of the waiting room."""

from collections.abc import Callable, Mapping

import numpy as np

from prompts.sound import Wave, loudness
from prompts.wav import RATE

MUSIC_SECONDS = 30.0
MUSIC_DBFS = -27.0  # below speech, so that an announcement stands out
_PAUSE_SECONDS = 0.22
_BAR_SECONDS = 3.75  # eight bars a loop
# C  Am  F  G  Em  Am  Dm  G, three notes and a bass each, as MIDI numbers
_CHORDS = (
    (48, 60, 64, 67),
    (45, 57, 60, 64),
    (41, 57, 60, 65),
    (43, 55, 59, 62),
    (40, 55, 59, 64),
    (45, 57, 60, 64),
    (38, 57, 62, 65),
    (43, 55, 62, 65),
)
_ARPEGGIO = (0, 1, 2, 3, 2, 1, 3, 2)  # which voice sounds on each eighth; 0 is the bass
_MELODY = (76, 72, 69, 74, 71, 72, 69, 67)  # one long note over each bar


def pause() -> Wave:
    """Silence between groups of digits."""
    return np.zeros(round(_PAUSE_SECONDS * RATE))


def music() -> Wave:
    """A calm bed of plucked chords under a slow melody, 30 s, that joins its own beginning.

    Notes that ring past the end continue at the start, so that the loop has no seam.
    """
    loop = np.zeros(round(MUSIC_SECONDS * RATE))
    eighth = _BAR_SECONDS / len(_ARPEGGIO)
    for bar, chord in enumerate(_CHORDS):
        start = bar * _BAR_SECONDS
        _add(loop, start, _soft(_MELODY[bar], _BAR_SECONDS), 0.30)
        for step, voice in enumerate(_ARPEGGIO):
            _add(loop, start + step * eighth, _pluck(chord[voice]), 0.5 if step == 0 else 0.32)
    scaled: Wave = loop * 10 ** ((MUSIC_DBFS - loudness(loop)) / 20)
    return scaled


GENERATORS: Mapping[str, Callable[[], Wave]] = {"pause": pause, "music": music}


def _frequency(note: int) -> float:
    return float(440.0 * 2 ** ((note - 69) / 12))


def _pluck(note: int) -> Wave:
    """A string that fades, its higher partials faster."""
    seconds = np.arange(round(2.4 * RATE)) / RATE
    tone = np.zeros_like(seconds)
    for partial in range(1, 5):
        frequency = _frequency(note) * partial
        if frequency < RATE * 0.42:
            tone += (
                np.sin(2 * np.pi * frequency * seconds) * np.exp(-seconds * (1.2 + partial)) / partial**1.5
            )
    rise = np.minimum(1.0, seconds / 0.008)
    fall = np.minimum(1.0, (seconds[-1] - seconds) / 0.2)
    plucked: Wave = tone * rise * fall
    return plucked


def _soft(note: int, length: float) -> Wave:
    """A breath of a flute that swells and goes within its bar."""
    seconds = np.arange(round(length * RATE)) / RATE
    sway = 1.5 * np.sin(2 * np.pi * 4.5 * seconds) * np.minimum(1.0, seconds)
    angle = 2 * np.pi * _frequency(note) * seconds + 0.04 * sway
    tone: Wave = (np.sin(angle) + 0.15 * np.sin(2 * angle)) * np.sin(np.pi * seconds / length) ** 1.5
    return tone


def _add(loop: Wave, start: float, tone: Wave, level: float) -> None:
    first = round(start * RATE)
    places = np.arange(first, first + len(tone)) % len(loop)
    np.add.at(loop, places, tone * level)
