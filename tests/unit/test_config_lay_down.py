"""What was set here is laid down at the start, and read in place of the shipped tables by every process."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.matter_data import TableProblem
from dialer.kinds import DATA, load_caps
from domain import own_tables
from service.config_kinds import FILE_KINDS
from service.config_lay_down import lay_down_tables
from storage.changes import DurableChanges

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CAPS = FILE_KINDS["dialer_caps"].shipped()
SET = CAPS.replace("life: 12", "life: 7")


class Changes(DurableChanges):
    """What was set, in memory."""

    def __init__(self, texts: dict[str, tuple[int, str | None]]) -> None:
        self.texts = texts

    def own_texts_now(self) -> dict[str, tuple[int, str | None]]:
        return self.texts


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KRING_HOME", str(tmp_path))
    return tmp_path


def test_a_table_that_was_set_is_read_in_place_of_the_shipped_one(home: Path) -> None:
    assert load_caps().at(NOW).taxpayer.life == 12
    assert lay_down_tables(home, Changes({"dialer_caps": (1, SET)}), print) == []
    assert load_caps().at(NOW).taxpayer.life == 7
    told = subprocess.run(
        [sys.executable, "-c", "from domain.own_tables import in_use; from dialer.kinds import DATA; "
         "print(in_use(DATA / 'caps.yaml').read_text())"],
        capture_output=True, text=True, check=True, env={**os.environ, "KRING_HOME": str(home)},
    )  # fmt: skip
    assert "life: 7" in told.stdout  # a process of its own
    lay_down_tables(home, Changes({"dialer_caps": (2, None)}), print)  # as shipped again
    assert load_caps().at(NOW).taxpayer.life == 12
    assert list((home / own_tables.FOLDER).glob("*/*")) == []


def test_other_folders_and_other_installations_are_left_alone(home: Path, tmp_path: Path) -> None:
    lay_down_tables(home, Changes({"dialer_caps": (1, SET)}), print)
    folder = tmp_path / "beside" / "data"
    folder.mkdir(parents=True)
    (folder / "caps.yaml").write_text(CAPS.replace("life: 12", "life: 3"))
    assert load_caps(folder).at(NOW).taxpayer.life == 3
    assert own_tables.in_use(DATA / "retry.yaml") == DATA / "retry.yaml"


def test_what_no_longer_fits_is_told_and_callers_are_served_by_the_shipped_table(home: Path) -> None:
    said: list[str] = []
    unusable = lay_down_tables(home, Changes({"dialer_caps": (1, "versions: []\n")}), said.append)
    assert unusable == ["dialer_caps"]
    assert "dialer/caps.yaml" in said[0]
    assert load_caps().at(NOW).taxpayer.life == 12


def test_a_mistake_in_a_table_that_is_there_names_the_file(home: Path) -> None:
    (home / "tables" / "dialer").mkdir(parents=True)
    (home / "tables" / "dialer" / "caps.yaml").write_text("versions: [")
    with pytest.raises(TableProblem, match=r"caps\.yaml"):
        load_caps()
