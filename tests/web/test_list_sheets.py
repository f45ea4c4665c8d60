"""Rows as files: no formula in them, whole numbers kept whole, a million rows without a million in memory."""

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from web.list_sheet_process import write
from web.list_sheets import Row, SheetFailed, csv_parts, defused, sweep, xlsx_file

HARMFUL = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "|calc", "＝1"]


@pytest.mark.parametrize("cell", HARMFUL)
def test_what_begins_a_formula_is_defused(cell: str) -> None:
    assert defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Contoh", "3201010101010001", "a=1", "'x", " =1"])
def test_other_texts_stay(cell: str) -> None:
    assert defused(cell) == cell


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def _batches(*batches: Sequence[Row]) -> AsyncIterator[Sequence[Row]]:
    for batch in batches:
        yield batch


async def test_csv_comes_batch_by_batch() -> None:
    asked: list[int] = []

    async def batches() -> AsyncIterator[Sequence[Row]]:
        for number in range(3):
            asked.append(number)
            yield [[str(number), "a\nb"]]

    parts = csv_parts(["n", "teks"], batches())
    assert await anext(parts) == "\ufeffn,teks\r\n".encode()
    assert asked == []
    assert await anext(parts) == b'0,"a\nb"\r\n'
    assert asked == [0]


async def test_a_workbook_holds_texts_and_leaves_no_file(tmp_path: Path) -> None:
    rows = [["3201010101010001", cell, "https://contoh.example"] for cell in HARMFUL]
    with await xlsx_file(tmp_path, ["NPWP", "Isi", "Alamat"], _batches(rows[:3], rows[3:])) as file:
        book = CalamineWorkbook.from_filelike(io.BytesIO(file.read()))
    found = book.get_sheet_by_index(0).to_python()
    assert found[0] == ["NPWP", "Isi", "Alamat"]
    assert [row[0] for row in found[1:]] == ["3201010101010001"] * len(HARMFUL)
    assert [str(row[1]).strip() for row in found[1:]] == [cell.strip() for cell in HARMFUL]
    assert _files(tmp_path) == []


def test_a_full_sheet_is_followed_by_another_with_the_same_header(tmp_path: Path) -> None:
    lines = io.BytesIO(b'["n"]\n' + b"".join(b'["%d"]\n' % number for number in range(5)))
    write(tmp_path / "a.xlsx", lines, most_rows=3)
    book = CalamineWorkbook.from_path(tmp_path / "a.xlsx")
    sheets = [book.get_sheet_by_index(place).to_python() for place in range(len(book.sheet_names))]
    assert sheets == [[["n"], ["0"], ["1"]], [["n"], ["2"], ["3"]], [["n"], ["4"]]]


async def test_without_rows_there_is_a_header(tmp_path: Path) -> None:
    with await xlsx_file(tmp_path, ["n"], _batches()) as file:
        book = CalamineWorkbook.from_filelike(io.BytesIO(file.read()))
    assert book.get_sheet_by_index(0).to_python() == [["n"]]


async def test_what_fails_on_the_way_leaves_no_file_and_no_process(tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[Sequence[Row]]:
        yield [["1"]]
        raise ConnectionError

    with pytest.raises((ConnectionError, SheetFailed)):
        await asyncio.wait_for(xlsx_file(tmp_path, ["n"], broken()), 60)
    assert _files(tmp_path) == []


def test_what_a_killed_service_left_is_removed(tmp_path: Path) -> None:
    for name in ("a.out.xlsx", "tmpx1", "kring.db"):
        (tmp_path / name).write_text("x")
    sweep(tmp_path)
    assert [path.name for path in _files(tmp_path)] == ["kring.db"]
