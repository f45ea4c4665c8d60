"""The benches' own prompts: 30 s of noise at the level of speech, every 20 ms of it different.

Asterisk sends a prompt that is stored in the call's codec as it lies in the file, so what it holds
changes no cost; that no 20 ms occurs twice lets `bench.ear` know each packet.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np

from bench.ear import Repertoire
from prompts import wav

# The 30 s of a call of the menu: greeting, menu, service, goodbye.
SECONDS: Mapping[str, float] = MappingProxyType(
    {
        "bench_greeting": 6.0,
        "bench_menu": 9.0,
        "bench_service": 8.0,
        "bench_goodbye": 7.0,
        "bench_one_one": 2.0,
        "bench_one_two": 2.0,
        "bench_two_one": 2.0,
        "bench_two_two": 2.0,
    }
)
_LEVEL = 2500.0  # root mean square of 16-bit samples, about -22 dBFS


def make_prompts(shipped: Path, folder: Path) -> None:
    """Make a prompts folder: the shipped one and the benches' prompts."""
    shutil.copytree(shipped, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    noise = np.random.default_rng(1500200)
    with (folder / "catalogue.yaml").open("a", encoding="utf-8") as catalogue:
        for name, seconds in SECONDS.items():
            catalogue.write(f"\n{name}:\n  sound: {name}\n")
            samples = noise.normal(0, _LEVEL, round(seconds * wav.RATE))
            wav.write(folder / "audio" / "id" / f"{name}.wav", samples.clip(-32768, 32767).astype(np.int16))


def notice_seconds(prompts: Path) -> float:
    """Return how long the notice of recording lasts: callers of the flow `queues` hear it first."""
    return len(wav.read(prompts / "audio" / "id" / "recording_notice.wav")) / wav.RATE


def repertoire(sounds: Path) -> Repertoire:
    """Return what an ear knows, given Asterisk's sounds folder."""
    return Repertoire({name: (sounds / "kring" / "id" / f"{name}.alaw").read_bytes() for name in SECONDS})
