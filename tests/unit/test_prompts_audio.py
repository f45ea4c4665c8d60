"""The committed audio is what the catalogue says, and fit for the line."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from prompts.library import Library
from service.commands.prompts import command

FOLDER = Path("prompts")


def test_the_check_finds_no_error() -> None:
    result = CliRunner().invoke(command, ["check"])
    problems = [line for line in result.output.splitlines() if line.startswith("error")]
    assert problems == []
    assert result.exit_code == 0
    assert result.output.splitlines()[-1].startswith("0 errors")


def test_every_sound_can_be_played() -> None:
    library = Library.load(FOLDER)
    assert library.missing() == ()
    for name in library.names():
        for language in library.languages(name):
            if not library.slots(name):
                assert sum(map(library.duration, library.sounds(name, language))) > 0.3


def test_the_report_covers_the_catalogue_and_keeps_the_bound() -> None:
    written = Path("docs/prompts-report.md").read_text(encoding="utf-8")
    assert "It holds" in written
    library = Library.load(FOLDER)
    spoken = library.names() - {"music"}
    missing = {
        name for name in spoken if f"| {name} |" not in written and f"| {name} (menu) |" not in written
    }
    assert missing == set(), "run `kring prompts recognise --report docs/prompts-report.md`"


@pytest.mark.parametrize("arguments", [["list"], ["list", "--language", "en"]])
def test_prompts_are_listed(arguments: list[str]) -> None:
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0
    assert "welcome_morning: " in result.output


def test_sounds_are_installed_by_command(tmp_path: Path) -> None:
    runner = CliRunner()
    assert "sounds written" in runner.invoke(command, ["install", str(tmp_path)]).output
    assert (tmp_path / "kring/id/welcome_morning.alaw").exists()
    assert "all sounds in place" in runner.invoke(command, ["install", str(tmp_path)]).output


def test_rendering_without_the_voice_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    for arguments in (["render", "--again", "--only", "goodbye"], ["recognise"]):
        result = CliRunner().invoke(command, arguments)
        assert result.exit_code == 1
        assert ".[voice]" in result.output
