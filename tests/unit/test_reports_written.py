"""Reports as files: what a spreadsheet and a reader of PDF find in them."""

import base64
import csv
import re
import zipfile
import zlib
from datetime import date
from pathlib import Path

import msgspec
import pytest
from python_calamine import CalamineWorkbook

from reporting.reports import Format
from reporting.reports_document import Chart, Column, Document, Kind, Series, Table
from reporting.reports_monthly import ask_month, monthly_document, shape
from service.report_csv import write_csv
from service.report_files import NotWritten, ReportFiles
from service.report_pdf import write_pdf
from service.report_xlsx import write_xlsx
from tests.unit.report_world import MADE, MONTHLY, office, words


async def _month() -> Document:
    answers = await ask_month(office(), date(2026, 10, 1), {}, shape())
    return monthly_document(MONTHLY.title, answers, {}, shape(), words(), MADE)


def _tricky() -> Document:
    """Texts that a spreadsheet would calculate, and a name that a sheet must not have."""
    columns = (Column("=HEAD()"), Column("Angka", Kind.COUNT), Column("Perubahan", Kind.CHANGE))
    table = Table("a/b [c]: '*'", columns, (("=1+1", 5, -0.25), ("@x", None, None)), ("Jumlah", 5, -0.25))
    chart = Chart("a/b [c]: '*'", Kind.COUNT, ("=1+1", "@x"), (Series("=1+1", (5.0, None)),))
    return Document(
        "=T()", "hari", (), ("=S()",), (chart, table), (), "Definisi", "kaki", "id", "–", "{most}"
    )


def _texts(path: Path) -> str:
    """Return what a PDF shows, one line for each piece of text."""
    shown = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", path.read_bytes(), re.DOTALL):
        try:
            content = zlib.decompress(base64.a85decode(stream.strip().removesuffix(b"~>")))
        except (ValueError, zlib.error):
            continue
        for piece in re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", content):
            plain = re.sub(rb"\\([0-7]{3})", lambda code: bytes([int(code[1], 8)]), piece)
            shown.append(re.sub(rb"\\(.)", rb"\1", plain).decode("cp1252"))
    return "\n".join(shown)


def test_a_workbook_has_numbers_texts_and_charts_but_no_formulas(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_xlsx(_tricky(), path)
    book = CalamineWorkbook.from_path(path)
    assert len(book.sheet_names) == 3
    rows = book.get_sheet_by_name(book.sheet_names[2]).to_python()
    assert rows == [
        ["=HEAD()", "Angka", "Perubahan"],
        ["=1+1", 5, -0.25],
        ["@x", "", ""],
        ["Jumlah", 5, -0.25],
    ]
    with zipfile.ZipFile(path) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        assert all(b"<f>" not in parts.read(name) for name in sheets)
        assert [name for name in parts.namelist() if name.startswith("xl/charts/")] == [
            "xl/charts/chart1.xml"
        ]


async def test_the_month_as_a_workbook_has_its_figures(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_xlsx(await _month(), path)
    book = CalamineWorkbook.from_path(path)
    rows = book.get_sheet_by_name("Ringkasan dan perbandingan").to_python()
    found = {row[0]: row[1:] for row in rows}
    assert found["Panggilan masuk"] == [19, 20, pytest.approx(-0.05), 38, pytest.approx(-0.5)]
    assert found["Tingkat layanan"][0] == pytest.approx(13 / 18)
    terms = book.get_sheet_by_name("Definisi").to_python()
    assert ["AHT", "(acd_ms + hold_ms + wrap_up_ms) ÷ acd_calls"] in [[row[0], row[2]] for row in terms]


def test_csv_is_defused_and_keeps_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_csv(_tricky(), path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["'=HEAD()", "Angka", "Perubahan"],
        ["'=1+1", "5", "-0.25"],
        ["'@x", "", ""],
        ["Jumlah", "5", "-0.25"],
    ]


async def test_the_month_as_pdf_reads_like_its_document(tmp_path: Path) -> None:
    path, document = tmp_path / "a.pdf", await _month()
    write_pdf(document, path)
    shown = _texts(path)
    for text in ("Laporan bulanan", "Oktober 2026", "Menurut antrean", "efin", "72,2 %", "–5,0 %", "1:08"):
        assert text in shown
    assert "sebanyak 19 panggilan meminta agen; 15 tersambung (78,9 %)." in shown
    assert "(acd_ms + hold_ms + wrap_up_ms) ÷ acd_calls" in shown


def test_a_long_table_is_cut_in_pdf_and_says_so(tmp_path: Path) -> None:
    rows = tuple((f"baris {number}", number) for number in range(1501))
    table = Table("Panjang", (Column("Nama"), Column("Angka", Kind.COUNT)), rows)
    cut = words().say("report.cut")
    document = Document("P", "h", (), (), (table,), (), "D", "kaki & <b>", "id", "–", cut)
    write_pdf(document, tmp_path / "a.pdf")
    shown = _texts(tmp_path / "a.pdf")
    assert "baris 1499" in shown
    assert "baris 1500" not in shown
    assert "Hanya 1500 baris pertama dari 1501" in shown


async def test_a_process_of_its_own_writes_all_or_nothing(tmp_path: Path) -> None:
    files = ReportFiles(tmp_path / "runs")
    place = files.place("a" * 32, "bulanan-2026-10.csv")
    await files.make(msgspec.json.encode(await _month()), Format.CSV, place)
    about = await files.about(place, Format.CSV)
    assert (about.name, about.size) == ("bulanan-2026-10.csv", place.stat().st_size)
    assert place.stat().st_mode & 0o077 == 0
    assert "Panggilan masuk,19,20," in place.read_text("utf-8-sig")
    await files.put(place, tmp_path / "drop" / "bulanan")
    assert [one.name for one in (tmp_path / "drop" / "bulanan").iterdir()] == ["bulanan-2026-10.csv"]
    (tmp_path / "blocked").write_text("no folder")
    with pytest.raises(NotWritten):
        await files.make(msgspec.json.encode(await _month()), Format.CSV, tmp_path / "blocked" / "b.csv")
    await files.remove("a" * 32)
    assert not place.parent.exists()


async def test_a_month_without_calls_can_be_written_too(tmp_path: Path) -> None:
    answers = await ask_month(office(), date(2024, 2, 1), {}, shape())
    document = monthly_document(MONTHLY.title, answers, {}, shape(), words(), MADE)
    write_pdf(document, tmp_path / "a.pdf")
    write_xlsx(document, tmp_path / "a.xlsx")
    assert "Tidak ada panggilan pada Februari 2024." in _texts(tmp_path / "a.pdf")
    assert CalamineWorkbook.from_path(tmp_path / "a.xlsx").sheet_names[-1] == "Definisi"


def test_a_chart_without_a_single_value_is_drawn(tmp_path: Path) -> None:
    for bars in (True, False):
        chart = Chart("Kosong", Kind.SHARE, ("a", "b"), (Series("x", (None, None)),), bars=bars)
        document = Document("P", "h", (), (), (chart,), (), "D", "kaki", "id", "–")
        write_pdf(document, tmp_path / "a.pdf")
        assert "Kosong" in _texts(tmp_path / "a.pdf")
