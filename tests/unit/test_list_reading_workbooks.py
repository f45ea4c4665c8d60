"""XLSX, XLS and ODS: sheets, numbers, dates, and what harms or is locked."""

import zipfile
from pathlib import Path

import pytest

from dialer.imports import FileFault, FileKind, FileRefused
from dialer.rows_cells import Cell
from service.list_reading import ReadingLimits, find_header
from service.list_reading_open import open_table
from tests.unit.list_workbooks import Value, container, raw_xlsx, write_ods, write_xls, write_xlsx

TABLE: list[list[Value]] = [
    ["NPWP", "Nama", "Telepon"],
    ["3171995506990123", "José Contoh", 8123456789],
    [3171995506990123, "Ani", "021-5250208"],
]
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def cells(path: Path, sheet: int = 0, limits: ReadingLimits | None = None) -> list[tuple[int, list[Cell]]]:
    table = open_table(path, path.name, limits or ReadingLimits())
    found = [(row, list(some)) for row, some in table.rows(sheet)]  # type: ignore[arg-type]
    table.close()
    return found


def fault(path: Path, limits: ReadingLimits | None = None, name: str = "") -> FileFault:
    with pytest.raises(FileRefused) as refused:
        table = open_table(path, name or path.name, limits or ReadingLimits())
        for sheet in range(len(table.sheets)):
            list(table.rows(sheet))
    return refused.value.fault


def made(kind: FileKind, folder: Path) -> Path:
    path = folder / f"list.{kind.value}"
    if kind is FileKind.XLSX:
        return write_xlsx(path, {"Lembar": TABLE})
    return write_ods(path, TABLE) if kind is FileKind.ODS else write_xls(path, TABLE)


@pytest.mark.parametrize("kind", [FileKind.XLSX, FileKind.ODS, FileKind.XLS])
def test_texts_stay_texts_and_numbers_numbers(tmp_path: Path, kind: FileKind) -> None:
    path = made(kind, tmp_path)
    table = open_table(path, path.name)
    assert (table.kind, list(table.sheets)) == (kind, ["Lembar"])
    found = cells(path)
    assert found == [(1, TABLE[0]), (2, TABLE[1]), (3, TABLE[2])]
    assert isinstance(found[1][1][0], str)
    assert not isinstance(found[2][1][0], str)  # a number of a taxpayer that a workbook holds as a number


@pytest.mark.parametrize("kind", [FileKind.XLSX, FileKind.ODS, FileKind.XLS])
def test_a_workbook_by_another_name_is_refused(tmp_path: Path, kind: FileKind) -> None:
    assert fault(made(kind, tmp_path), name="list.csv") is FileFault.WRONG_EXTENSION


def test_several_sheets_are_read_and_hidden_ones_are_not(tmp_path: Path) -> None:
    sheets = {"Satu": TABLE, "Rahasia": TABLE, "Dua": TABLE[:2]}
    path = write_xlsx(tmp_path / "list.xlsx", sheets, hidden=["Rahasia"])
    assert list(open_table(path, path.name).sheets) == ["Satu", "Dua"]
    assert cells(path, 1) == [(1, TABLE[0]), (2, TABLE[1])]
    assert open_table(path, path.name).about(0) == 3


def test_every_way_to_write_a_cell_is_understood(tmp_path: Path) -> None:
    sheet = f"""<worksheet {MAIN}><sheetData>
      <row r="1"><c r="A1" t="inlineStr"><is><t>NPWP</t></is></c><c r="C1" t="s"><v>0</v></c></row>
      <row r="4"><c t="str"><f>A1&amp;"x"</f><v>rumus</v></c><c><v>8.12345678E8</v></c><c t="b"><v>1</v></c>
        <c t="e"><v>#N/A</v></c><c s="1"><v>45983</v></c><c s="1"><v>45983.5</v></c><c s="2"><v>0.75</v></c>
        <c s="3"><v>12</v></c><c t="s"><v>1</v></c><c t="s"><v>2</v></c><c t="d"><v>2026-11-22</v></c></row>
      <row/>
      <row><c r="B6" t="s"><v>0</v></c></row></sheetData></worksheet>"""
    shared = (
        f'<sst {MAIN}><si><t>Nama</t></si><si><r><t>te</t></r><r><t xml:space="preserve">bal </t></r>'
        "<rPh><t>furigana</t></rPh></si><si><t>a_x000D_b &lt;c&gt; é</t></si></sst>"
    )
    styles = (
        f'<styleSheet {MAIN}><numFmts><numFmt numFmtId="170" formatCode="hh:mm"/>'
        '<numFmt numFmtId="171" formatCode="0 &quot;hari&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/>'
        '</cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/>'
        '<xf numFmtId="171"/></cellXfs></styleSheet>'
    )
    assert cells(raw_xlsx(tmp_path / "list.xlsx", sheet, shared, styles)) == [
        (1, ["NPWP", "", "Nama"]),
        (4, ["rumus", 812345678.0, "TRUE", "#N/A", "2025-11-22", "2025-11-22 12:00:00", "18:00:00", 12,
             "tebal ", "a\rb <c> é", "2026-11-22"]),
        (6, ["", "Nama"]),
    ]  # fmt: skip


def test_tags_may_have_a_prefix(tmp_path: Path) -> None:
    prefixed = MAIN.replace("xmlns", "xmlns:x")
    sheet = (
        f'<x:worksheet {prefixed}><x:sheetData><x:row r="2"><x:c r="B2" t="s"><x:v>0</x:v>'
        "</x:c></x:row></x:sheetData></x:worksheet>"
    )
    shared = f"<x:sst {prefixed}><x:si><x:t>Nama</x:t></x:si></x:sst>"
    assert cells(raw_xlsx(tmp_path / "list.xlsx", sheet, shared)) == [(2, ["", "Nama"])]


def test_a_workbook_that_contradicts_itself_is_damaged(tmp_path: Path) -> None:
    row = '<row r="1"><c r="A1" t="s"><v>7</v></c></row>'
    path = raw_xlsx(tmp_path / "a.xlsx", f"<worksheet {MAIN}><sheetData>{row}</sheetData></worksheet>")
    assert fault(path) is FileFault.DAMAGED
    cut = raw_xlsx(tmp_path / "b.xlsx", f"<worksheet {MAIN}><sheetData><row r='1'>")
    assert fault(cut) is FileFault.DAMAGED
    broken = tmp_path / "c.xlsx"
    broken.write_bytes(write_xlsx(tmp_path / "d.xlsx", {"S": TABLE}).read_bytes()[:-200])
    assert fault(broken) is FileFault.DAMAGED
    old = tmp_path / "e.xls"
    old.write_bytes(container("Workbook", b"no records"))
    assert fault(old) is FileFault.DAMAGED


def test_a_workbook_with_a_password_is_told(tmp_path: Path) -> None:
    locked = tmp_path / "a.xlsx"
    locked.write_bytes(container("EncryptedPackage", bytes(5000)))
    assert fault(locked) is FileFault.PASSWORD
    assert fault(write_ods(tmp_path / "b.ods", TABLE, encrypted=True)) is FileFault.PASSWORD
    zipped = tmp_path / "c.xlsx"
    content = bytearray(write_xlsx(tmp_path / "d.xlsx", {"S": TABLE}).read_bytes())
    for at in range(len(content)):  # the flag of encryption in the archive's directory
        if content[at : at + 4] == b"PK\1\2":
            content[at + 8] |= 1
    zipped.write_bytes(content)
    assert fault(zipped) is FileFault.PASSWORD


def test_other_archives_and_documents_are_no_tables(tmp_path: Path) -> None:
    archive = tmp_path / "a.xlsx"
    with zipfile.ZipFile(archive, "w") as other:
        other.writestr("word/document.xml", "<w/>")
    assert fault(archive) is FileFault.NOT_A_TABLE
    document = tmp_path / "b.xls"
    document.write_bytes(container("WordDocument", bytes(5000)))
    assert fault(document) is FileFault.NOT_A_TABLE


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    raw_xlsx(path, f"<worksheet {MAIN}>" + " " * 70_000_000 + "</worksheet>")
    assert path.stat().st_size < 1_000_000
    assert fault(path) is FileFault.ZIP_BOMB


def test_entities_that_unpack_to_more_are_refused(tmp_path: Path) -> None:
    laugh = '<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    sheet = (
        f'{laugh}<worksheet {MAIN}><sheetData><row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>'
    )
    assert fault(raw_xlsx(tmp_path / "a.xlsx", sheet)) is FileFault.ZIP_BOMB


def long_sheet(folder: Path) -> Path:
    some: list[list[Value]] = [[f"{at}x" * 10, "y", "z"] for at in range(30_000)]
    return write_xlsx(folder / "a.xlsx", {"S": [["NPWP", "Nama", "Telepon"], *some]})


def test_more_shared_text_than_fits_is_too_large(tmp_path: Path) -> None:
    assert fault(long_sheet(tmp_path), ReadingLimits(shared_bytes=100_000)) is FileFault.TOO_LARGE


def test_the_header_is_found_without_reading_all_shared_texts(tmp_path: Path) -> None:
    table = open_table(long_sheet(tmp_path), "a.xlsx", ReadingLimits(shared_bytes=400_000))
    assert find_header(table.rows(0)).columns == ("NPWP", "Nama", "Telepon")
