"""`kring prompts announce`: what callers hear, changed on the command line."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.secrets import make_secrets
from service.settings import load_settings
from tests.storage.test_storage_config_commands import make_master_key_beside
from tests.web.prompt_world import speech


@pytest.fixture
def recording(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KRING_HOME", str(tmp_path))
    monkeypatch.setattr("service.prompt_voice.can_render", lambda: False)
    make_secrets(load_settings())
    make_master_key_beside(tmp_path)
    file = tmp_path / "ramai.flac"
    file.write_bytes(speech(6.0))
    return file


def ran(*words: str) -> Result:
    return CliRunner().invoke(main, ["prompts", "announce", *words])


def test_a_text_with_its_recording_is_put_in_force_and_undone(recording: Path) -> None:
    given = ("set", "announce_busy", "--id", "Sedang sangat ramai.", "--id-sound", str(recording))
    assert "nothing was put in force" in ran(*given, "--dry-run").output
    assert "announce_busy: as shipped" in ran("list").output
    made = ran(*given, "--why", "ND-7")
    assert made.exit_code == 0, made.output
    assert "The recording is long for its text" in made.output
    assert "change 1" in made.output and "ND-7" in made.output and "cli:" in made.output
    assert "announce_busy: set here: Sedang sangat ramai." in ran("list").output
    shown = ran("show", "announce_busy").output
    assert "now en: Many taxpayers are calling us" in shown
    undone = ran("undo", "1")
    assert "change 2" in undone.output and "as shipped" in undone.output
    assert "announce_busy: as shipped" in ran("list").output


def test_what_cannot_be_used_is_told_with_its_remedy_and_nothing_is_changed(recording: Path) -> None:
    recording.write_bytes(b"no sound at all")
    for given, told in (
        (("--id", "Ramai.", "--id-sound", str(recording)), "Save it as WAV or FLAC"),
        (("--id", "Ramai."), "Give it audio"),
        (("--id", "Ramai.", "--render"), "Bring a recording"),
        (("--id", "Ramai {now:time}."), "must be those of the product's text"),
    ):
        refused = ran("set", "announce_busy", *given)
        assert refused.exit_code == 1 and told in refused.output
    assert "there is no such prompt" in ran("show", "nothing").output
    assert "as shipped" in ran("list").output and "set here" not in ran("list").output
