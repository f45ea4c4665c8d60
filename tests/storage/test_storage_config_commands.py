"""`kring config`: the tables of settings on the command line."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.secrets import make_master_key, make_secrets
from service.settings import load_settings

HEAD = "day,kind,opens,closes,about,assumed\n"
EVE = "2099-12-24,working,08:00,12:00,Menjelang Natal,\n"


@pytest.fixture
def home(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KRING_HOME", str(tmp_path))
    settings = load_settings()
    make_secrets(settings)
    make_master_key_beside(tmp_path)
    return tmp_path


def make_master_key_beside(home: Path) -> None:
    """The database is there before its key: it holds nothing yet."""
    database = home / "kring.db"
    aside = database.rename(home / "aside.db")
    make_master_key(load_settings())
    aside.rename(database)


def ran(*words: str) -> Result:
    return CliRunner().invoke(main, ["config", *words])


def test_a_table_is_shown_set_listed_and_undone(home: Path, tmp_path: Path) -> None:
    assert ran("show", "days").output == HEAD
    file = tmp_path / "days.csv"
    file.write_text(HEAD + EVE)
    checked = ran("check", "days", str(file))
    assert "+ 2099-12-24" in checked.output and "within seconds" in checked.output
    assert ran("show", "days").output == HEAD
    assert "Change 1 is on record" in ran("set", "days", str(file), "--why", "SE-1").output
    assert ran("show", "days").output == HEAD + EVE
    listed = ran("changes").output
    assert "cli:" in listed and "days" in listed and "SE-1" in listed
    assert "Change 2 is on record" in ran("undo", "1").output
    assert ran("show", "days").output == HEAD
    again = ran("undo", "1")
    assert (again.exit_code, "undone already" in again.output) == (1, True)
    assert "set here" not in next(line for line in ran("list").output.splitlines() if line.startswith("days"))


def test_mistakes_are_told_with_line_and_remedy_and_nothing_is_changed(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "days.csv"
    file.write_text(HEAD + EVE.replace("working", "festival"))
    refused = ran("set", "days", str(file))
    assert refused.exit_code == 1
    assert "line 2, kind: `festival`" in refused.output and "Remedy:" in refused.output
    assert ran("changes").output == ""
    assert ran("show", "nothing").exit_code == 1
