"""CSV in the encodings and separators that offices' programs write."""

import codecs
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.imports import FileFault, FileKind, FileRefused
from dialer.lists import RowReason
from service.list_reading import BadRow, ReadingLimits, find_header
from service.list_reading_open import open_table
from service.list_reading_text import TextFile
from tests.laws import asks

HEADER = "NPWP;Nama;Telepon"
ROWS = ["3171995506990123;José Contoh;0812", "3171995506990124;Ani „Contoh“ – €;0813"]
TEXT = "\r\n".join([HEADER, *ROWS, ""])
CELLS = [(1, HEADER.split(";")), (2, ROWS[0].split(";")), (3, ROWS[1].split(";"))]


def write(folder: Path, content: bytes | str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows(path: Path) -> list[tuple[int, object]]:
    return [
        (row, cells.reason if isinstance(cells, BadRow) else list(cells))
        for row, cells in TextFile(path).rows(0)
    ]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "utf-32-le"),
        (TEXT.encode("cp1252"), "cp1252"),
    ],
    ids=[
        "utf-8",
        "utf-8 mark",
        "utf-16-le mark",
        "utf-16-be mark",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "cp1252",
    ],
)
def test_the_encoding_is_found_out(tmp_path: Path, content: bytes, encoding: str) -> None:
    path = write(tmp_path, content)
    assert TextFile(path).encoding == encoding
    assert rows(path) == CELLS


def test_the_first_accent_may_stand_at_the_very_end(tmp_path: Path) -> None:
    start = f"{HEADER}\n" + "3171995506990123;Contoh;0812\n" * 50_000
    path = write(tmp_path, (start + "3171995506990123;José;0812").encode("cp1252"))
    assert TextFile(path).encoding == "cp1252"
    assert rows(path)[-1] == (50_002, ["3171995506990123", "José", "0812"])


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_out(tmp_path: Path, separator: str) -> None:
    path = write(tmp_path, TEXT.replace(";", separator))
    assert TextFile(path).separator == separator
    assert rows(path) == CELLS


def test_commas_inside_names_do_not_make_columns(tmp_path: Path) -> None:
    path = write(tmp_path, f"{HEADER}\n1;Contoh, S.E., M.M.;2\n3;Contoh, dr., Sp.A;4\n")
    assert TextFile(path).separator == ";"


def test_excels_hint_of_the_separator_is_no_row(tmp_path: Path) -> None:
    assert rows(write(tmp_path, f"sep=;\r\n{TEXT}")) == CELLS


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_one(tmp_path: Path, end: str) -> None:
    assert rows(write(tmp_path, TEXT.replace("\r\n", end))) == CELLS


def test_quotes_separators_and_lines_inside_a_cell(tmp_path: Path) -> None:
    path = write(tmp_path, f'{HEADER}\n1;"Contoh; ""Satu""";"08\n09"\n2;Pipa 5";3\n')
    assert rows(path)[1:] == [(2, ["1", 'Contoh; "Satu"', "08\n09"]), (3, ["2", 'Pipa 5"', "3"])]


def test_a_quotation_mark_that_is_never_closed_costs_its_own_row_only(tmp_path: Path) -> None:
    good = "".join(f"{at};Contoh;08\n" for at in range(100))
    path = write(tmp_path, f'{HEADER}\n{good}"9;Contoh;08\n{good}"8;Contoh;08\n1;"Contoh";08\n')
    found = rows(path)
    assert [row for row, cells in found if cells is RowReason.BROKEN] == [102, 203]
    assert len(found) == 204
    assert found[-1] == (204, ["1", "Contoh", "08"])


def test_empty_lines_count_as_spreadsheets_count_them(tmp_path: Path) -> None:
    assert [row for row, _ in rows(write(tmp_path, f"{HEADER}\n\n1;2;3\n\n4;5;6\n"))] == [1, 3, 5]


def test_a_byte_that_is_no_text_costs_its_own_row_only(tmp_path: Path) -> None:
    lines = "".join(f"{at};José é ü;08\n" for at in range(50)).encode()
    path = write(tmp_path, HEADER.encode() + b"\n" + lines + b"7;Jos\xe9;08\n" + b"8;a\0b;08\n" + lines)
    found = rows(path)
    assert TextFile(path).encoding == "utf-8"
    assert found[51] == (52, ["7", "Jos\udce9", "08"])
    assert found[52] == (53, RowReason.ENCODING)
    assert found[53] == (54, ["0", "José é ü", "08"])


@pytest.mark.parametrize(
    ("content", "name", "fault"),
    [
        (b"", "a.csv", FileFault.EMPTY),
        (b"%PDF-1.7 ...", "a.csv", FileFault.NOT_A_TABLE),
        (b"<html><table><tr><td>NPWP</td></tr></table>", "a.csv", FileFault.NOT_A_TABLE),
        (bytes(range(256)) * 20, "a.csv", FileFault.NOT_A_TABLE),
        (b"NPWP\n3171995506990123\n", "a.csv", FileFault.SEPARATOR),
        (TEXT.encode(), "a.xlsx", FileFault.WRONG_EXTENSION),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "a.xlsx", FileFault.NOT_A_TABLE),
    ],
)
def test_what_is_no_list_is_refused_with_its_reason(
    tmp_path: Path, content: bytes, name: str, fault: FileFault
) -> None:
    with pytest.raises(FileRefused) as refused:
        open_table(write(tmp_path, content, name), name)
    assert refused.value.fault is fault


def test_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        open_table(write(tmp_path, TEXT), "list.csv", ReadingLimits(file_bytes=20))
    assert refused.value.fault is FileFault.TOO_LARGE


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        open_table(tmp_path / "none.csv", "none.csv")
    assert refused.value.fault is FileFault.UNREADABLE


@pytest.mark.parametrize(
    ("text", "fault", "detail"),
    [
        ("3171995506990123;Contoh;08123456789\n1;2;3\n", FileFault.NO_HEADER, ""),
        ("NPWP;Nama;NPWP\n1;2;3\n", FileFault.SAME_COLUMN, "NPWP"),
        (";".join(f"K{at}" for at in range(300)) + "\n", FileFault.TOO_MANY_COLUMNS, "200"),
        ("a;b\n" * 30, FileFault.NO_HEADER, ""),
    ],
)
def test_a_header_that_cannot_be_used_is_told(
    tmp_path: Path, text: str, fault: FileFault, detail: str
) -> None:
    with pytest.raises(FileRefused) as refused:
        find_header(TextFile(write(tmp_path, text)).rows(0))
    assert (refused.value.fault, refused.value.detail) == (fault, detail)


def test_titles_may_stand_above_the_header(tmp_path: Path) -> None:
    text = f"DAFTAR WAJIB PAJAK;;\nper 1 November 2026;;\n\n{TEXT}"
    header = find_header(TextFile(write(tmp_path, text)).rows(0))
    assert (header.row, header.columns) == (4, ("NPWP", "Nama", "Telepon"))


letters = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n";,|')
plain_cells = st.text(letters, max_size=12)


@settings(max_examples=asks(60))
@given(
    st.lists(st.lists(plain_cells, min_size=3, max_size=3), min_size=1, max_size=20), st.sampled_from(",;\t|")
)
def test_whatever_is_written_by_the_rules_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], separator: str
) -> None:
    lines = [separator.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in table]
    path = write(tmp_path_factory.mktemp("csv"), "\n".join([separator.join(HEADER.split(";")), *lines]))
    opened = open_table(path, "list.csv")
    assert (opened.kind, opened.separator) == (FileKind.CSV, separator)
    assert [cells for _, cells in rows(path)][1:] == table
