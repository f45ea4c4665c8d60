from pathlib import Path

import numpy as np
import pytest

from prompts.errors import BadCatalogue, BadValue, MissingSound, MissingValue, PromptError, UnknownPrompt
from prompts.g711 import to_alaw, to_ulaw
from prompts.library import Library
from prompts.wav import write

CATALOGUE = """
welcome:
  id: "Selamat datang."
  en: "Welcome."
read_back:
  id: "Nomor Anda berakhiran {last4:digits}. Benar?"
  en: "Your number ends in {last4:digits}. Right?"
music:
  sound: music
"""
WORDS = "id:\n" + "".join(f'  d_{n}: "i{n}"\n' for n in range(10))
WORDS += "en:\n" + "".join(f'  d_{n}: "e{n}"\n' for n in range(10))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "catalogue.yaml").write_text(CATALOGUE)
    (tmp_path / "words.yaml").write_text(WORDS)
    library = Library.load(tmp_path)
    for index, sound in enumerate(library.missing()):
        tone = np.arange(400 + 8 * index, dtype=np.int16) * 7
        write(tmp_path / "audio" / f"{sound.removeprefix('kring/')}.wav", tone)
    return tmp_path


def test_a_plain_prompt_is_one_sound(folder: Path) -> None:
    library = Library.load(folder)
    assert library.names() == {"welcome", "read_back", "music"}
    assert library.sounds("welcome", "id", {}) == ("kring/id/welcome",)
    assert library.sounds("welcome", "en") is library.sounds("welcome", "en")
    assert library.sounds("music", "en") == ("kring/id/music",)
    assert library.languages("music") == {"id", "en"}


def test_values_are_joined_from_words(folder: Path) -> None:
    library = Library.load(folder)
    assert library.sounds("read_back", "id", {"last4": "9012"}) == (
        "kring/id/read_back-1",
        "kring/id/words/d_9",
        "kring/id/words/d_0",
        "kring/id/words/d_1",
        "kring/id/words/d_2",
        "kring/id/read_back-3",
    )
    assert "kring/id/words/pause" in library.sounds("read_back", "en", {"last4": "90123"})
    assert library.text("read_back", "en", {"last4": "90123"}) == "Your number ends in e9 e0 e1 e2 e3 Right?"
    assert library.slots("read_back") == {"last4"}


def test_every_sound_has_a_length(folder: Path) -> None:
    library = Library.load(folder)
    assert library.duration("kring/id/welcome") == pytest.approx(400 / 8000)
    with pytest.raises(MissingSound, match="kring prompts render"):
        library.duration("kring/id/nothing")


def test_what_cannot_be_played_says_why(folder: Path) -> None:
    library = Library.load(folder)
    with pytest.raises(UnknownPrompt, match="farewell"):
        library.sounds("farewell", "id", {})
    with pytest.raises(UnknownPrompt, match="'fr'"):
        library.sounds("welcome", "fr", {})
    with pytest.raises(MissingValue, match="last4"):
        library.sounds("read_back", "id", {})
    with pytest.raises(BadValue):
        library.sounds("read_back", "id", {"last4": "12x4"})


def test_sounds_are_installed_once_in_both_codecs(folder: Path, tmp_path: Path) -> None:
    library, target = Library.load(folder), tmp_path / "sounds"
    count = 1 + 2 + 2 + 2 + 20 + 1  # welcome ×2, read_back, words, music, pause
    assert library.install(target) == count
    assert (target / "kring/id/welcome.alaw").stat().st_size == 400
    assert (target / "kring/en/words/d_3.ulaw").exists()
    assert library.install(target) == 0


def test_a_changed_or_dropped_sound_is_installed_anew(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "sounds"
    Library.load(folder).install(target)
    write(folder / "audio/id/welcome.wav", np.full(80, 1000, dtype=np.int16))
    (folder / "catalogue.yaml").write_text(CATALOGUE.replace("music:\n  sound: music\n", ""))
    assert Library.load(folder).install(target) > 0
    assert (target / "kring/id/welcome.alaw").stat().st_size == 80
    assert not (target / "kring/id/music.alaw").exists()


def test_a_missing_or_foreign_file_is_named(folder: Path, tmp_path: Path) -> None:
    path = folder / "audio/id/welcome.wav"
    path.unlink()
    with pytest.raises(MissingSound, match="kring/id/welcome"):
        Library.load(folder).install(tmp_path / "sounds")
    path.write_bytes(b"RIFF no sound")
    with pytest.raises(PromptError, match=r"welcome\.wav"):
        Library.load(folder).install(tmp_path / "sounds")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a:\n  id: x\n  en: y\na:\n  id: z\n", "line 4: 'a' is written twice"),
        ("Big:\n  id: x\n", "'Big'"),
        ("a:\n  id: 'x {n:roman}'\n", r"\{n:roman\}"),
        ("a:\n  id: 'x {n'\n", "brace"),
        ("a:\n  fr: x\n", "'fr'"),
        ("a:\n  id: ''\n", "a: "),
        ("a: [1]\n", "indented"),
        ("a:\n  id: x: y\n", "YAML"),
    ],
)
def test_a_broken_catalogue_is_refused_with_its_place(folder: Path, text: str, why: str) -> None:
    (folder / "catalogue.yaml").write_text(text)
    with pytest.raises(BadCatalogue, match=why):
        Library.load(folder)


def test_g711_is_the_standards() -> None:
    """Values from the tables of ITU-T G.711, even bits of A-law inverted."""
    samples = np.array([0, 8, -8, 32767, -32768, 1000, -1000], dtype=np.int16)
    assert to_alaw(samples).hex() == "d5d555aa2afa7a"
    assert to_ulaw(samples).hex() == "fffe7e8000ce4e"


def test_g711_keeps_order_and_sign() -> None:
    every = np.arange(-32768, 32768, dtype=np.int32).astype(np.int16)
    alaw = np.frombuffer(to_alaw(every), dtype=np.uint8)
    ulaw = np.frombuffer(to_ulaw(every), dtype=np.uint8)
    assert ((alaw >= 0x80) == (every >= 0)).all()
    assert ((ulaw >= 0x80) == (every >= 0)).all()
    assert len(np.unique(alaw)) == 256
    assert (np.diff((alaw[every >= 0] ^ 0x55).astype(int)) >= 0).all()
    assert (np.diff(ulaw[every >= 0].astype(int)) <= 0).all()
