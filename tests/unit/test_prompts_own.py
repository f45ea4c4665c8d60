"""Prompts that an installation sets itself: which texts can be one, and what is played then."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from prompts.errors import UnknownPrompt
from prompts.install import install_own, sweep_own
from prompts.library import Library
from prompts.own import OwnText, TextsRefused, own_prompt, pieces, plain, usable
from prompts.texts import Prompt, make_prompt
from prompts.wav import encoded

BUSY = make_prompt("announce_busy", {"id": "Ramai.", "en": "Busy."})
HOURS = make_prompt("closed", {"id": "Buka pukul {opens:time} saja.", "en": "From {opens:time}."})
DIGEST = "0123456789abcdef" * 4


def own(prompt: Prompt, texts: Mapping[str, str]) -> OwnText:
    made = own_prompt(prompt.name, texts, prompt)
    return OwnText(texts, {piece.key: DIGEST for piece in pieces(made)})


@pytest.mark.parametrize(
    ("texts", "wrong"),
    [
        ({"id": "Baru."}, [("en", "empty")]),
        ({"id": " ", "en": "."}, [("id", "empty"), ("en", "empty")]),
        ({"id": "x" * 901, "en": "New."}, [("id", "long")]),
        ({"id": "Ba\x07ru.", "en": "New."}, [("id", "signs")]),
        ({"id": "Buka {pukul}.", "en": "Open } now."}, [("id", "braces"), ("en", "braces")]),
        ({"id": "Buka {opens:time}.", "en": "New."}, [("id", "values")]),
    ],
)
def test_texts_that_cannot_be_spoken_are_refused_with_every_reason(
    texts: Mapping[str, str], wrong: list[tuple[str, str]]
) -> None:
    with pytest.raises(TextsRefused) as refused:
        own_prompt("announce_busy", texts, BUSY)
    assert [(one.language, one.word) for one in refused.value.problems] == wrong


def test_a_prompt_that_speaks_values_goes_on_speaking_them() -> None:
    made = own_prompt("closed", {"id": "Pukul {opens:time}.", "en": "At {opens:time}, please."}, HOURS)
    assert [piece.key for piece in pieces(made)] == ["id/closed-1", "en/closed-1", "en/closed-3"]
    with pytest.raises(TextsRefused) as refused:
        own_prompt("closed", {"id": "Tutup.", "en": "From {opens:date}."}, HOURS)
    assert [dict(one.values) for one in refused.value.problems] == [{"values": "{opens:time}"}] * 2


def test_lines_and_blanks_do_not_count() -> None:
    assert plain("  Ada\r\n gangguan. \t") == "Ada gangguan."


def test_what_a_newer_version_cannot_take_is_left_out_by_name() -> None:
    fit, unfit = usable(
        {
            "announce_busy": own(BUSY, {"id": "Padat.", "en": "Full."}),
            "announce_flood": OwnText({"id": "Banjir.", "en": "Flood."}, {"id/announce_flood": DIGEST}),
            "closed": OwnText({"id": "Tutup.", "en": "Closed."}, {"id/closed": DIGEST, "en/closed": DIGEST}),
            "gone": OwnText({"id": "Lama.", "en": "Old."}, {"id/gone": DIGEST, "en/gone": DIGEST}),
        },
        {"announce_busy": BUSY, "closed": HOURS},
    )
    assert (list(fit), unfit) == (["announce_busy"], ["announce_flood", "closed", "gone"])


@pytest.fixture
def library(tmp_path: Path) -> Library:
    (tmp_path / "catalogue.yaml").write_text('announce_busy: {id: "Ramai.", en: "Busy."}\n')
    (tmp_path / "words.yaml").write_text('id: {d_1: "satu"}\nen: {d_1: "one"}\n')
    return Library.load(tmp_path)


def test_the_own_text_is_played_and_its_absence_brings_the_catalogues_back(library: Library) -> None:
    storm = make_prompt("announce_storm", {"id": "B.", "en": "S."})
    texts = {
        "announce_busy": own(BUSY, {"id": "Padat.", "en": "Full."}),
        "announce_storm": own(storm, {"id": "Badai.", "en": "Storm."}),
    }
    library.use_own(usable(texts, library.catalogue)[0])
    assert library.sounds("announce_busy", "id") == ("kring-own/id/announce_busy-0123456789abcdef",)
    assert library.sounds("announce_storm", "en") == ("kring-own/en/announce_storm-0123456789abcdef",)
    assert library.text("announce_busy", "en") == "Full."
    assert library.names() == {"announce_busy"}  # flows may name no prompt that can be taken away
    assert set(library.said()) == {"announce_busy", "announce_storm"}
    library.use_own({})
    assert library.sounds("announce_busy", "id") == ("kring/id/announce_busy",)
    with pytest.raises(UnknownPrompt):
        library.sounds("announce_storm", "en")


def test_own_sounds_are_laid_once_beside_those_that_play(tmp_path: Path) -> None:
    wav = encoded(np.arange(800, dtype=np.int16))
    assert install_own({"id/a-1": lambda: wav, "id/a-2": lambda: wav}, tmp_path) == 2
    first = (tmp_path / "id" / "a-1.alaw").stat()
    assert install_own({"id/a-1": lambda: b"", "id/a-3": lambda: wav}, tmp_path) == 1
    assert (tmp_path / "id" / "a-1.alaw").stat().st_ino == first.st_ino
    assert first.st_size == (tmp_path / "id" / "a-1.ulaw").stat().st_size == 800
    assert sweep_own(tmp_path, ["id/a-1"], first.st_mtime - 1) == 0
    assert sweep_own(tmp_path, ["id/a-1"], first.st_mtime + 60) == 4
    assert sorted(path.name for path in tmp_path.rglob("*.*law")) == ["a-1.alaw", "a-1.ulaw"]
