"""`kring schedule` on a home folder: patterns, files, adherence."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from storage.vault import Vault

EXAMPLES = Path(__file__).parents[2] / "acd" / "examples"


class Home:
    """A home folder with secrets and a database that knows the example agents."""

    def __init__(self, folder: Path, migrated: Path) -> None:
        self.folder = folder
        (folder / "secrets").mkdir(mode=0o700)
        Vault.create(folder / "secrets" / "master_key")
        shutil.copy(migrated, folder / "kring.db")
        assert self.kring("acd", "tables", "import", str(EXAMPLES), "--about", "test").exit_code == 0

    def kring(self, *words: str) -> Result:
        env = {"KRING_HOME": str(self.folder), "SUDO_USER": "budi"}
        return CliRunner().invoke(main, list(words), env=env)

    def said(self, *words: str) -> str:
        result = self.kring("schedule", *words)
        assert result.exit_code == 0, result.output
        return result.stdout


@pytest.fixture
def home(migrated_file: Path, tmp_path: Path) -> Home:
    return Home(tmp_path, migrated_file)


def test_shifts_are_made_given_out_and_taken_in_again(home: Home) -> None:
    make = ("make", "2025-06-02", "2025-06-08", "--pattern", "line")
    assert "nothing is kept yet" in home.said(*make)
    assert home.said("export", "2025-06-02", "2025-06-08").count("\n") == 1
    # Five agents; Friday 6 June 2025 is a holiday (Idul Adha): four working days.
    assert home.said(*make, "--keep") == "20 new, 0 changed, 0 the same, 0 taken away\n"
    exported = home.said("export", "2025-06-02", "2025-06-08")
    rows = list(csv.DictReader(io.StringIO(exported)))
    assert {row["day"] for row in rows} == {f"2025-06-0{day}" for day in (2, 3, 4, 5)}
    assert {row["activity"] for row in rows} == {"calls", "break", "prayer"}
    file = home.folder / "sif.csv"
    file.write_text(exported, "utf-8")
    # The same pieces, but no pattern any more.
    assert "0 new, 20 changed" in home.said("import", str(file))
    found = [
        json.loads(line) for line in home.said("adherence", "2025-06-02", "2025-06-08", "--json").splitlines()
    ]
    assert len(found) == 5
    assert all((one["shifts"], one["scheduled_ms"]) == (4, 4 * 8 * 3_600_000) for one in found)
    assert all((one["ats"], one["conformance"]) == (0.0, 0.0) for one in found), "nobody came"
    assert home.said("requests", "--json") == ""


def test_a_wrong_file_is_refused_with_row_field_and_remedy(home: Home) -> None:
    file = home.folder / "sif.csv"
    file.write_text("agent,day,pattern\n1001,2025-06-02,line\n87654321,2025-06-02,line\n", "utf-8")
    result = home.kring("schedule", "import", str(file), "--keep")
    assert result.exit_code == 1
    assert "sif.csv: row 3: agent '…4321': No agent has this staff number." in result.output
    assert "1 mistakes; nothing was taken in" in result.output
    assert home.said("export", "2025-06-02", "2025-06-02").count("\n") == 1
    wrong = home.kring("schedule", "make", "2025-06-02", "2025-06-02", "--pattern", "sunset")
    assert wrong.exit_code == 1
    assert "pattern: No such pattern on that day." in wrong.output
    assert "jayapura" in home.said("patterns")
