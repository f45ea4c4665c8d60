"""Rendering, checking and adopting, with a voice that hums."""

from pathlib import Path

import numpy as np
import pytest

from prompts import sound
from prompts.check import Level, check, of_samples
from prompts.errors import PromptError
from prompts.generated import MUSIC_SECONDS, music
from prompts.manifest import Manifest, Source
from prompts.pronunciation import Lexicon, sentences
from prompts.render import Workshop, adopt, prompt_of, render
from prompts.sound import Wave
from prompts.texts import load_texts
from prompts.wav import RATE, Samples, read, write

CATALOGUE = """
welcome:
  id: "Selamat datang di SPT."
  en: "Welcome."
read_back:
  id: "Berakhiran {last4:digits}."
  en: "It ends in {last4:digits}."
music:
  sound: music
"""
USED = frozenset({"welcome", "read_back", "music"})


class Hum:
    """A voice that hums as long as the text, and remembers what it was told to say."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def name(self, *, word: bool) -> str:
        return "hum/word" if word else "hum"

    def prompt(self, spoken: str, language: str) -> Wave:
        self.said.append(spoken)
        return np.concatenate([np.zeros(RATE), hum(0.1 * len(spoken), 0.4), np.zeros(RATE)])

    word = prompt


def hum(seconds: float, size: float) -> Wave:
    wave: Wave = size * np.sin(2 * np.pi * 300 * np.arange(round(seconds * RATE)) / RATE)
    return wave


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "catalogue.yaml").write_text(CATALOGUE)
    (tmp_path / "words.yaml").write_text('id:\n  d_0: "nol"\nen:\n  d_0: "zero"\n')
    (tmp_path / "lexicon.yaml").write_text('id:\n  SPT: "es pe te"\nen: {}\n')
    return tmp_path


def workshop(folder: Path) -> Workshop:
    return Workshop(
        folder / "audio",
        load_texts(folder),
        Lexicon.load(folder / "lexicon.yaml"),
        Manifest.load(folder / "audio/manifest.json"),
    )


def errors(folder: Path, used: frozenset[str] = USED) -> list[str]:
    return [f"{it.where} {it.what}" for it in check(workshop(folder), used) if it.level is Level.ERROR]


def change(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


def test_what_is_rendered_passes_the_check(folder: Path) -> None:
    assert any("is missing" in error for error in errors(folder))
    voice = Hum()
    assert render(workshop(folder), voice) == 4 + 2 + 2
    assert "Selamat datang di es pe te." in voice.said
    assert errors(folder) == []
    notices = check(workshop(folder), USED)
    assert {it.level for it in notices} == {Level.NOTICE}
    assert all("synthetic (hum" in it.what for it in notices)
    entry = workshop(folder).manifest.entries["id/welcome"]
    assert entry.source is Source.TTS
    assert entry.seconds == pytest.approx(2.8, abs=0.05)  # the silence around it is cut


def test_only_the_stale_is_rendered_again(folder: Path) -> None:
    render(workshop(folder), Hum())
    assert render(workshop(folder), Hum()) == 0
    change(folder / "catalogue.yaml", "Welcome.", "Welcome to us.")
    assert [error.split()[0] for error in errors(folder)] == ["en/welcome"]
    voice = Hum()
    assert render(workshop(folder), voice) == 1
    assert voice.said == ["Welcome to us."]


def test_a_changed_pronunciation_makes_only_its_prompts_stale(folder: Path) -> None:
    render(workshop(folder), Hum())
    change(folder / "lexicon.yaml", "es pe te", "/ˈɛs pˈe tˈe/")
    assert [error.split()[0] for error in errors(folder)] == ["id/welcome"]


def test_a_word_can_be_said_otherwise_than_within_a_sentence(folder: Path) -> None:
    (folder / "lexicon.yaml").write_text(
        'id:\n  SPT: "es pe te"\n  nol: "kosong"\nid/words:\n  nol: "noll"\n'
    )
    (folder / "catalogue.yaml").write_text(CATALOGUE.replace("Selamat datang", "Tekan nol"))
    voice = Hum()
    render(workshop(folder), voice)
    assert "Tekan kosong di es pe te." in voice.said
    assert "noll" in voice.said


def test_only_the_named_prompt_is_rendered(folder: Path) -> None:
    voice = Hum()
    render(workshop(folder), voice, only={"read_back"})
    assert voice.said == ["Berakhiran", "It ends in"]


def test_a_recording_is_adopted_and_kept(folder: Path) -> None:
    render(workshop(folder), Hum())
    path = folder / "audio/id/welcome.wav"
    write(path, sound.to_samples(sound.normalise(hum(1.5, 0.3))))
    assert any("kring prompts adopt" in error for error in errors(folder))
    shop = workshop(folder)
    assert adopt(shop) == ["id/welcome"]
    shop.manifest.save()
    assert shop.manifest.entries["id/welcome"].source is Source.RECORDED
    assert errors(folder) == []
    before = path.read_bytes()
    render(workshop(folder), Hum(), again=True)
    assert path.read_bytes() == before


def test_a_recording_of_an_old_text_is_stale_and_not_overwritten(folder: Path) -> None:
    render(workshop(folder), Hum())
    path = folder / "audio/id/welcome.wav"
    write(path, sound.to_samples(sound.normalise(hum(1.5, 0.3))))
    render(workshop(folder), Hum())
    before = path.read_bytes()
    change(folder / "catalogue.yaml", "Selamat datang", "Selamat pagi")
    render(workshop(folder), Hum())
    assert path.read_bytes() == before
    assert [error for error in errors(folder) if "record it again" in error]


def test_audio_of_removed_texts_is_removed(folder: Path) -> None:
    render(workshop(folder), Hum())
    change(folder / "catalogue.yaml", "welcome:", "greeting:")
    render(workshop(folder), Hum())
    assert not (folder / "audio/id/welcome.wav").exists()
    assert "id/welcome" not in workshop(folder).manifest.entries


def test_texts_are_checked(folder: Path) -> None:
    render(workshop(folder), Hum())
    change(folder / "catalogue.yaml", '  en: "Welcome."\n', "")
    change(folder / "catalogue.yaml", "It ends in {last4:digits}", "It ends in {last:digits}")
    render(workshop(folder), Hum())
    found = errors(folder, frozenset({"welcome", "read_back"}))
    assert found == [
        "welcome has no text in language 'en'",
        "read_back speaks other values in one language than in the other",
        "music is used nowhere; remove it from the catalogue",
    ]


SILENCE = np.zeros(RATE // 5, dtype=np.int16)


@pytest.mark.parametrize(
    ("samples", "why"),
    [
        (sound.to_samples(hum(1.0, 0.9)), "too loud"),
        (sound.to_samples(hum(1.0, 0.02)), "too quiet"),
        (np.concatenate([SILENCE, sound.to_samples(hum(1.0, 0.14))]), "begins with 200 ms"),
        (sound.to_samples(np.clip(hum(1.0, 8.0), -1, 1)), "clipped"),
        (SILENCE, "is silent"),
        (SILENCE[:0], "is silent"),
    ],
)
def test_unfit_audio_is_found(samples: Samples, why: str) -> None:
    assert any(why in what for what in of_samples(samples))


def test_fit_audio_passes() -> None:
    assert list(of_samples(sound.to_samples(hum(1.0, 0.14)))) == []


def test_loudness_counts_speech_and_not_pauses() -> None:
    talk = hum(0.5, 0.2)
    with_pause = np.concatenate([talk, np.zeros(RATE), talk])
    assert sound.loudness(with_pause) == pytest.approx(sound.loudness(talk), abs=0.2)
    assert sound.loudness(sound.normalise(with_pause * 0.1)) == pytest.approx(sound.TARGET_DBFS, abs=0.3)


def test_peaks_are_limited() -> None:
    speech = hum(1.0, 0.05)
    speech[100:110] = 0.9
    limited = sound.normalise(speech)
    assert sound.peak(limited) < sound.PEAK_DBFS + 0.01


def test_resampling_keeps_the_telephone_band_and_drops_what_would_fold() -> None:
    time = np.arange(24000) / 24000
    kept = sound.resample(np.sin(2 * np.pi * 1000 * time), 24000)
    dropped = sound.resample(np.sin(2 * np.pi * 5000 * time), 24000)
    assert len(kept) == 8000
    assert np.sqrt(np.mean(kept[200:-200] ** 2)) == pytest.approx(np.sqrt(0.5), rel=0.01)
    assert np.abs(dropped[200:-200]).max() < 0.003


def test_the_music_loops_without_a_seam() -> None:
    bed = music()
    assert len(bed) == MUSIC_SECONDS * RATE
    assert sound.peak(bed) < -10
    assert abs(bed[0] - bed[-1]) < np.abs(np.diff(bed)).max()
    assert np.abs(sound.frame_levels(bed)).max() < 60  # it never falls silent


def test_another_format_is_refused_with_the_remedy(tmp_path: Path) -> None:
    import wave

    path = tmp_path / "studio.wav"
    with wave.open(str(path), "wb") as audio:
        audio.setframerate(48000)
        audio.setsampwidth(2)
        audio.setnchannels(2)
        audio.writeframes(bytes(4000))
    with pytest.raises(PromptError, match="48000 Hz, 16 bits, 2 channels; convert it: sox"):
        read(path)


def test_small_helpers() -> None:
    assert prompt_of("id/npwp_read_back-1") == "npwp_read_back"
    assert prompt_of("en/words/d_3") == "d_3"
    assert sentences("Satu. Dua? Situs pajak.go.id ada.") == ("Satu.", "Dua?", "Situs pajak.go.id ada.")
