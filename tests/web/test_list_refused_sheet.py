"""The file of rows that were not accepted."""

import pytest

from web.list_refused_sheet import RefusedSheet, placed
from web.texts import Texts

TOLD = {"id": ["Baris", "Alasan", "Kolom", "Perbaikan"], "en": ["Row", "Reason", "Column", "Remedy"]}


@pytest.mark.parametrize("before", ["id", "en"])
def test_what_the_file_before_told_is_not_told_again(before: str) -> None:
    sheet = RefusedSheet(Texts.load(), "id", ["NPWP", "Nama", *TOLD[before], "HP"])
    assert sheet.header == ["NPWP", "Nama", "HP", *TOLD["id"]]
    row = sheet.row(["317", "Contoh", "2", "lama", "NPWP", "lama", "0812"], "9", "baru", "HP", "baru")
    assert row == ["317", "Contoh", "0812", "9", "baru", "HP", "baru"]


def test_a_column_of_the_file_keeps_its_name_and_stays() -> None:
    """The requester's own `Baris` is not ours; two columns of one name could not be loaded."""
    sheet = RefusedSheet(Texts.load(), "id", ["Baris", "NPWP", "Nama"])
    assert sheet.header == ["Baris", "NPWP", "Nama", "Baris (2)", "Alasan", "Kolom", "Perbaikan"]
    again = RefusedSheet(Texts.load(), "id", sheet.header)
    assert again.header == sheet.header
    assert again.row(["7", "317", "Contoh", "2", "lama", "", "lama"], "3", "b", "", "b")[:4] == [
        "7", "317", "Contoh", "3",
    ]  # fmt: skip


def test_short_rows_are_filled_and_cells_below_no_header_come_last() -> None:
    sheet = RefusedSheet(Texts.load(), "en", ["NPWP", "Nama"])
    assert sheet.row(["317"], "2", "r", "c", "m") == ["317", "", "2", "r", "c", "m"]
    assert sheet.row(["317", "Contoh", "ekstra"], "2", "r", "c", "m")[-1] == "ekstra"


def test_of_a_workbook_the_sheet_is_told_too() -> None:
    assert placed("", 7) == "7"
    assert placed("Jakarta", 7) == "Jakarta, 7"
