"""The ear on the prompts of this checkout: what it recognises, how soon, how exactly, at what cost."""

import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from prompts.texts import load_texts
from service.phone.ear import Ear, Sound, SoundLibrary
from service.phone.hearing import NothingToRecognise, load_sounds
from tests.sip.audible import CHUNK, FRAME, RATE, MadeUpCall, Played, alaw, made_up_call, ulaw

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"
SOUNDS_PER_CALL = 40
NAMED_WITHIN = 0.7  # seconds, unless another prompt begins alike
EXACT = 3 * FRAME
COARSE = 4


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Print a figure past pytest's capture, so that every run shows it."""

    def show(figure: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{figure}\n")

    return show


Coding = Callable[[NDArray[np.int16]], NDArray[np.int16]]


@pytest.mark.parametrize(
    ("coding", "loss", "recall", "precision"),
    # Two prompts may begin with the same words, and one of them be cut before they differ.
    [(alaw, 0.0, 0.99, 0.99), (ulaw, 0.0, 0.99, 0.99), (alaw, 0.03, 0.98, 0.98)],
    ids=["A-law", "µ-law", "A-law, 3 % of frames lost"],
)
def test_prompts_cut_or_whole_are_recognised(
    library: SoundLibrary,
    coding: Coding,
    loss: float,
    recall: float,
    precision: float,
    tell: Callable[[str], None],
) -> None:
    calls = [made_up_call(_some_sounds(library, seed), seed, loss, coding) for seed in range(4)]
    before = time.process_time()
    for call in calls:
        call.listen(library)
    load = (time.process_time() - before) / (sum(len(call.audio) for call in calls) / RATE)
    found = [_match(library, call) for call in calls]
    played = sum(len(call.played) for call in calls)
    heard = sum(len(call.heard) for call in calls)
    right = sum(one.right for one in found)
    ends = sum(one.ends for one in found)
    late = np.concatenate([one.named_after for one in found])
    tell(
        f"recall {right / played:.3f}, precision {right / heard:.3f}, ends exact {ends / right:.3f}, "
        f"named after p50 {np.median(late):.2f} s p95 {np.quantile(late, 0.95):.2f} s, "
        f"{load:.2%} of a core per call"
    )
    assert right / played >= recall
    assert right / heard >= precision
    assert ends / right >= 0.97 - loss
    assert np.median(late) <= 0.4
    assert load <= 0.1


def test_a_prompt_that_begins_like_no_other_is_named_within_0_7_seconds(library: SoundLibrary) -> None:
    prompts = (sound for sound in library.sounds if sound.kind == "prompt")
    late = {}
    for sound in islice((sound for sound in prompts if _begins_alone(sound, library)), 40):
        call = MadeUpCall(np.concatenate((np.zeros(1234, np.int16), alaw(sound.samples))), [])
        call.listen(library)
        assert [heard.name for heard in call.heard] == [sound.name]
        late[sound.name] = call.named_after[0]
    assert max(late.values()) <= NAMED_WITHIN, late


def test_prompts_that_begin_alike_are_told_apart_where_they_part(library: SoundLibrary) -> None:
    """Two menus with the same first second: neither is named before they differ, then the right one."""
    first, second, third = _long_prompts(library, 3)
    common = first.samples[:RATE]
    variants = [
        Sound(name, "id", np.concatenate((common, tail.samples[:RATE])))
        for name, tail in (("variant_a", second), ("variant_b", third))
    ]
    both = SoundLibrary([*library.sounds, *variants])
    for variant in variants:
        call = MadeUpCall(np.concatenate((alaw(variant.samples), np.zeros(RATE, np.int16))), [])
        call.listen(both)
        assert [(heard.name, heard.began, heard.complete) for heard in call.heard] == [
            (variant.name, 0, True)
        ]
        assert call.named_after[0] > 1.0


def test_the_beginning_may_be_missing(library: SoundLibrary) -> None:
    (sound,) = _long_prompts(library, 1)
    cut = RATE * 8 // 10
    call = MadeUpCall(alaw(sound.samples[cut:]), [])
    call.listen(library)
    (heard,) = call.heard
    assert (heard.name, heard.offset, heard.complete) == (sound.name, cut, True)


def test_the_same_word_twice_is_heard_twice(library: SoundLibrary) -> None:
    words = [sound for sound in library.sounds if sound.name in {"d_3", "d_5"} and sound.language == "id"]
    if len(words) < 2:
        words = _long_prompts(library, 2)
    a, b = words
    call = MadeUpCall(alaw(np.concatenate((a.samples, a.samples, b.samples, a.samples))), [])
    call.listen(library)
    assert [heard.name for heard in call.heard] == [a.name, a.name, b.name, a.name]


def test_a_loss_of_200_ms_does_not_end_a_prompt(library: SoundLibrary) -> None:
    (sound,) = _long_prompts(library, 1)
    audio = alaw(sound.samples).copy()
    audio[RATE : RATE + RATE // 5] = 0
    call = MadeUpCall(audio, [])
    call.listen(library)
    assert [(heard.name, heard.complete) for heard in call.heard] == [(sound.name, True)]


def test_a_slip_of_the_jitter_buffer_does_not_end_a_prompt(library: SoundLibrary) -> None:
    (sound,) = _long_prompts(library, 1)
    audio = alaw(sound.samples)
    slipped = np.concatenate((audio[:RATE], audio[RATE - FRAME : RATE], audio[RATE:]))
    call = MadeUpCall(slipped, [])
    call.listen(library)
    assert [(heard.name, heard.complete) for heard in call.heard] == [(sound.name, True)]


def test_music_goes_round_without_being_told_again(library: SoundLibrary) -> None:
    (music,) = [sound for sound in library.sounds if sound.kind == "music"]
    audio = np.concatenate((music.samples[3 * RATE :], music.samples, music.samples[:RATE]))
    call = MadeUpCall(alaw(audio), [])
    call.listen(library)
    assert [(heard.name, heard.began) for heard in call.heard] == [(music.name, 0)]


def test_what_no_prompt_explains_is_called_unknown_and_silence_is_nothing(library: SoundLibrary) -> None:
    rng = np.random.default_rng(7)
    noise = (rng.standard_normal(2 * RATE) * 3000).astype(np.int16)
    call = MadeUpCall(np.concatenate((np.zeros(RATE, np.int16), noise, np.zeros(RATE, np.int16))), [])
    call.listen(library)
    (heard,) = call.heard
    assert heard.name == "unknown"
    assert abs(heard.began - RATE) <= FRAME
    silence = MadeUpCall(np.zeros(3 * RATE, np.int16), [])
    silence.listen(library)
    assert silence.heard == []


def test_the_first_sound_after_a_moment_is_found(library: SoundLibrary) -> None:
    ear = Ear(library)
    audio = np.concatenate((np.zeros(RATE, np.int16), np.full(RATE, 5000, np.int16)))
    for at in range(0, len(audio), CHUNK):
        ear.listen(audio[at : at + CHUNK])
    assert ear.first_sound_after(100) == RATE


def test_a_folder_without_audio_names_the_remedy(tmp_path: Path) -> None:
    for name in ("catalogue.yaml", "words.yaml"):
        (tmp_path / name).write_text((PROMPTS / name).read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(NothingToRecognise, match="kring prompts render"):
        load_sounds(tmp_path)


def test_every_recording_with_audio_is_known() -> None:
    library = load_sounds(PROMPTS)
    recordings = load_texts(PROMPTS).recordings()
    there = [one.key for one in recordings if (PROMPTS / "audio" / f"{one.key}.wav").exists()]
    assert there
    assert sum(sound.kind != "music" for sound in library.sounds) == len(there)


class _Match:
    """How a call's ear compares with the truth."""

    def __init__(self) -> None:
        self.right = 0
        self.ends = 0
        self.named_after: list[float] = []


def _match(library: SoundLibrary, call: MadeUpCall) -> _Match:
    match = _Match()
    twins = {(s.name, s.language): s.samples.tobytes() for s in library.sounds}
    left = list(zip(call.heard, call.named_after, strict=True))
    for played in call.played:
        for heard, late in left:
            may_be = [twins[name, heard.language] for name in (heard.name, *heard.alternatives)]
            same = twins[played.name, played.language] in may_be
            if same and abs(heard.began - played.began) <= EXACT:
                match.right += 1
                match.named_after.append(late)
                assert heard.ended is not None
                exact = abs(heard.ended - _audible_end(call, played)) <= EXACT
                match.ends += exact and heard.complete == played.complete
                left.remove((heard, late))
                break
    return match


def _audible_end(call: MadeUpCall, played: Played) -> int:
    """Return where a prompt really ended; a cut one with the last frame that could be heard."""
    if played.complete:
        return played.ended
    whole = (played.ended - played.began) // FRAME
    frames = call.audio[played.began : played.began + whole * FRAME].reshape(whole, FRAME).astype(float)
    return played.began + int(np.flatnonzero(np.sqrt((frames**2).mean(axis=1)) > 100)[-1] + 1) * FRAME


def _some_sounds(library: SoundLibrary, seed: int) -> list[Sound]:
    spoken = [s for s in library.sounds if s.kind != "music" and np.abs(s.samples).max() > 500]
    chosen = np.random.default_rng(seed).permutation(len(spoken))[:SOUNDS_PER_CALL]
    return [spoken[index] for index in chosen]


def _begins_alone(sound: Sound, library: SoundLibrary) -> bool:
    """Whether no other sound has the same first half second, be it up to 40 ms later."""
    return not any(
        _same_beginning(sound.samples, other.samples) for other in library.sounds if other is not sound
    )


def _same_beginning(one: NDArray[np.int16], other: NDArray[np.int16]) -> bool:
    half, shift = _coarse(one[: RATE // 2]), RATE // 25 // COARSE
    if len(half) <= 2 * shift:
        return False
    long = np.pad(_coarse(other[: RATE // 2]), (shift, 2 * shift))
    likeness = np.correlate(long, half)
    energy = np.convolve(long**2, np.ones(len(half)), "valid")
    return bool((likeness > 0.9 * np.sqrt(energy * (half**2).sum() + 1)).any())


def _coarse(samples: NDArray[np.int16]) -> NDArray[np.float64]:
    """A quarter of the samples: enough to compare, and a sixteenth of the work."""
    coarse: NDArray[np.float64] = samples[: len(samples) // COARSE * COARSE].reshape(-1, COARSE).mean(axis=1)
    return coarse


def _long_prompts(library: SoundLibrary, count: int) -> list[Sound]:
    found = (s for s in library.sounds if s.kind == "prompt" and len(s.samples) > 2 * RATE)
    alone = list(islice((s for s in found if _begins_alone(s, library)), count))
    assert len(alone) == count
    return alone
