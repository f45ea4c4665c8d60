"""`kring lists`, as a person uses it."""

import csv
import json
import stat
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from storage.vault import Vault

TODAY = date.today()  # noqa: DTZ011 - an order's days are the office's; a day more or less does not matter
ORDER = (
    "--title", "Belum lapor", "--requester", "region_on_request", "--unit", "Kanwil Contoh",
    "--order-number", "ND-7", "--legal-basis", "UU KUP", "--cut-off", str(TODAY - timedelta(days=9)),
    "--expires-on", str(TODAY + timedelta(days=9)), "--source", "kanwil-contoh",
)  # fmt: skip
ROWS = """No;NPWP;Nama WP;No. HP;Catatan
1;3171995506990123;Contoh Satu;08123456789;=1+1
2;3,17E+15;Contoh Dua;08123456780;+62
3;3171995506990124;Contoh Tiga;110;@x
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KRING_HOME", str(tmp_path))
    Vault.create(tmp_path / "secrets" / "master_key")
    return tmp_path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "daftar.csv"
    path.write_text(ROWS)
    return path


def kring(*words: str) -> Result:
    return CliRunner().invoke(main, ["lists", *words])


def test_a_list_is_loaded_shown_and_its_refused_rows_are_mended(file: Path, home: Path) -> None:
    looked = kring("look", str(file))
    assert looked.exit_code == 0 and "csv, utf-8, ;" in looked.output
    assert "Contoh" not in looked.output and "3171995506990123" not in looked.output

    loaded = kring("import", str(file), *ORDER, "--map", "Catatan=field:catatan", "--json")
    assert loaded.exit_code == 0, loaded.output
    one = json.loads(loaded.stdout)
    assert (one["state"], one["read"], one["accepted"], one["rejected"]) == ("loaded", 3, 1, 2)
    list_id = one["list_id"]
    assert f"{list_id}  loaded" in kring("list").output

    shown = kring("refused", list_id).output.splitlines()
    assert shown[0].startswith("row 3: NPWP: …E+15: NPWP damaged by a spreadsheet.")
    assert shown[1].startswith("row 4: No. HP: …: No number that may be dialled.")

    output = home / "refused.csv"
    assert kring("refused", list_id, "--output", str(output)).exit_code == 0
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    with output.open(encoding="utf-8-sig", newline="") as written:
        header, *rows = csv.reader(written)
    assert [row[:5] for row in rows] == [
        ["2", "3,17E+15", "Contoh Dua", "08123456780", "'+62"],
        ["3", "3171995506990124", "Contoh Tiga", "110", "'@x"],
    ]
    assert header[:5] == ["No", "NPWP", "Nama WP", "No. HP", "Catatan"]
    assert kring("refused", list_id, "--output", str(output)).exit_code == 1  # it is never overwritten

    output.write_text(
        output.read_text().replace("3,17E+15", "3171995506990125").replace("110", "08123456781")
    )
    again = json.loads(kring("import", str(output), *ORDER, "--json").stdout)
    assert (again["accepted"], again["rejected"]) == (2, 0)

    approved = kring("approve", list_id)
    assert approved.exit_code == 1 and "another person" in approved.output
    assert kring("withdraw", list_id).exit_code == 0
    history = kring("show", list_id).output
    assert "begun" in history and "loaded" in history and "exported" in history and "withdrawn" in history


def test_a_workbook_of_refused_rows_can_be_loaded_again(file: Path, home: Path) -> None:
    list_id = json.loads(kring("import", str(file), *ORDER, "--json").stdout)["list_id"]
    output = home / "refused.xlsx"
    assert kring("refused", list_id, "--output", str(output)).exit_code == 0
    assert "xlsx; sheets: 1; about 2 rows" in kring("look", str(output)).output


def test_rows_that_are_refused_again_and_again_can_be_loaded_each_time(file: Path, home: Path) -> None:
    loaded = file
    for number in range(3):
        list_id = json.loads(kring("import", str(loaded), *ORDER, "--json").stdout)["list_id"]
        loaded = home / f"refused-{number}.csv"
        assert kring("refused", list_id, "--output", str(loaded)).exit_code == 0
    with loaded.open(encoding="utf-8-sig", newline="") as written:
        header, *rows = csv.reader(written)
    assert header == ["No", "NPWP", "Nama WP", "No. HP", "Catatan", "Row", "Reason", "Column", "Remedy"]
    assert [row[1] for row in rows] == ["3,17E+15", "3171995506990124"]
    assert [row[5:8] for row in rows] == [
        ["2", "NPWP damaged by a spreadsheet", "NPWP"],
        ["3", "No number that may be dialled", "No. HP"],
    ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("--expires-on", "2020-01-01"), "--expires-on: This day is past"),
        (("--source", "Nama Orang"), "--source: Write small letters"),
        (("--map", "Lain=name"), "no such column or role. Columns: No, NPWP, Nama WP, No. HP, Catatan"),
        (("--map", "NPWP=ignored"), "Choose exactly one NPWP column."),
        (("--sheet", "Lain"), "The file has no such sheet."),
    ],
)
def test_what_is_wrong_is_told_with_its_remedy(file: Path, changed: tuple[str, ...], said: str) -> None:
    refused = kring("import", str(file), *ORDER, *changed)
    assert refused.exit_code == 1 and said in refused.output
    assert kring("list", "--json").output == ""


def test_an_unknown_list_and_an_unreadable_file_are_told(tmp_path: Path) -> None:
    assert "kring lists list" in kring("show", "none").output
    document = tmp_path / "list.csv"
    document.write_bytes(b"%PDF-1.4")
    assert "The file is no table." in kring("look", str(document)).output
