"""What callers hear: texts, whether the audio still says them, listening, the command to render anew."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from prompts.generated import GENERATORS
from prompts.manifest import Entry, Manifest, Source, digest, file_digest
from prompts.sound import to_samples
from prompts.wav import write
from service.config_prompts import PromptFolder
from service.settings import CHECKOUT, load_settings
from tests.web.page_parts import PageParts, page_app
from web.prompt_routes import add_prompt_routes

TEXTS = {"announce_storm": "Ada gangguan.", "changed": "Naskah baru.", "silent": "Belum ada.", "put": "Baru."}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    entries = [f'{name}:\n  id: "{text}"\n' for name, text in TEXTS.items()]
    (tmp_path / "catalogue.yaml").write_text("".join(entries), encoding="utf-8")
    (tmp_path / "words.yaml").write_text('id: {d_1: "satu"}\nen: {d_1: "one"}\n', encoding="utf-8")
    manifest = Manifest(tmp_path / "audio" / "manifest.json", {})
    for name in ("announce_storm", "changed", "put"):
        path = tmp_path / "audio" / "id" / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, to_samples(GENERATORS["pause"]()))
        said = "Naskah lama." if name == "changed" else TEXTS[name]
        whole = file_digest(path) if name != "put" else "of the file before"
        manifest.entries[f"id/{name}"] = Entry(digest(said), "", "", whole, 2.0, Source.RECORDED)
    manifest.save()
    return tmp_path


def _parts(folder: Path) -> PageParts:
    settings = load_settings({"KRING_HOME": str(folder), "KRING_PROMPTS": str(folder)})
    return page_app([partial(add_prompt_routes, shelf=PromptFolder(settings))])


async def test_texts_whose_audio_is_missing_or_older_come_first_with_their_command(folder: Path) -> None:
    async with _parts(folder).client("auditor") as client:
        model = (await client.get("/api/prompts")).json()
    states: Sequence[tuple[str, str]] = [(row["name"], row["state"]) for row in model["rows"]]
    assert states == [
        ("silent", "missing"), ("put", "unknown"), ("changed", "stale"), ("announce_storm", "current"),
    ]  # fmt: skip
    assert model["counts"] == {"missing": 1, "unknown": 1, "stale": 1, "current": 1}
    assert model["rows"][2]["command"] == f"kring prompts --folder {folder} render --only changed"
    assert model["rows"][3]["announcement"] is True


async def test_the_page_tells_it_in_words_and_lets_it_be_heard(folder: Path) -> None:
    async with _parts(folder).client("administrator") as client:
        page = (await client.get("/pengaturan/pengumuman")).text
        assert "Naskah sudah berubah" in page and "Ada gangguan." in page and "rekaman orang" in page
        assert 'src="/pengaturan/pengumuman/id/changed"' in page
        sound = await client.get("/pengaturan/pengumuman/id/changed")
        assert sound.headers["content-type"] == "audio/wav"
        assert sound.content == (folder / "audio" / "id" / "changed.wav").read_bytes()


async def test_only_sounds_of_the_catalogue_are_given_and_only_to_who_may(folder: Path) -> None:
    (folder / "audio" / "id" / "other.wav").write_bytes(b"x")
    parts = _parts(folder)
    async with parts.client("administrator") as client:
        assert (await client.get("/pengaturan/pengumuman/id/other")).status_code == 404
        assert (await client.get("/pengaturan/pengumuman/id/..%2f..%2fcatalogue")).status_code in (404, 422)
    async with parts.client("agent") as client:
        for address in ("/pengaturan/pengumuman", "/api/prompts", "/pengaturan/pengumuman/id/changed"):
            assert (await client.get(address)).status_code == 403


async def test_texts_that_cannot_be_read_are_told(folder: Path) -> None:
    (folder / "catalogue.yaml").write_text("a: [", encoding="utf-8")
    async with _parts(folder).client("administrator") as client:
        assert (await client.get("/api/prompts")).status_code == 503


async def test_the_shipped_texts_are_shown_whole_and_every_sound_says_its_text() -> None:
    shelf = PromptFolder(load_settings({"KRING_HOME": str(CHECKOUT)}))
    found = await shelf.all()
    assert len(found.rows) > 100
    assert [row.name for row in found.rows if any(one.state != "current" for one in row.sounds)] == []
    assert all(row.sounds for row in found.rows)
    assert found.rows[0].command.startswith("kring prompts render --only ")
