"""Makes a file of figures: `python -m service.figure_file_process FILE`, what to make as JSON on its input.

A hundred thousand lines are asked for, put into words and written here, at a low priority: the service only
hands the file on. Its answer, as JSON on standard output, says why there is none.
"""

from __future__ import annotations

import asyncio
import csv
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from xlsxwriter import Workbook  # type: ignore[import-untyped] # it has no types of its own

from desk.branches import load_branches
from desk.matter_data import TableProblem
from domain.clock import SystemClock
from reporting.asking import Figures, FiguresUnavailable, NotAsked
from service.figures_part import make_figures
from storage.database import Database, DatabaseProblem
from storage.vault import Vault, VaultProblem
from web.figure_desk import ordered
from web.figure_file import MOST_FILE_LINES, Cell, FigureFile, header, rows
from web.figure_people import People
from web.figure_words import FigureWords
from web.list_sheet_process import MOST_LETTERS
from web.list_sheets import defused
from web.texts import Texts

_CALM = 10  # added niceness: calls come first
_DIGITS = 6  # after the point
_WIDTH = 18  # of a column, in letters
_PROBLEMS = (FiguresUnavailable, DatabaseProblem, TableProblem, VaultProblem)


class Job(msgspec.Struct, frozen=True):
    """What to make, and where the installation is."""

    file: FigureFile
    database: str
    key_file: str


class Told(msgspec.Struct, frozen=True):
    """What became of it: the file is there, or the word and field of a NotAsked, or what cannot be read."""

    refused: str = ""
    field: str = ""
    unavailable: str = ""


async def make(job: FigureFile, figures: Figures, path: Path) -> None:
    """Write the file. Raises NotAsked: too many lines; FiguresUnavailable, OSError."""
    found = await figures.lines(job.question)
    if len(found) > MOST_FILE_LINES:
        raise NotAsked("file_too_long", "by")
    words = FigureWords(Texts.load(), job.language, People(job.people), load_branches(), job.campaigns)
    lines = await ordered(found, words, job.question.by)
    write = _write_csv if job.form == "csv" else _write_xlsx
    write(path, header(job.question, words), rows(job.question, lines, words))


def _write_csv(path: Path, head: Sequence[str], found: Iterable[Sequence[Cell]]) -> None:
    """Write UTF-8 with its mark (spreadsheets need it), commas, CRLF (RFC 4180)."""
    with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([defused(one) for one in head])
        writer.writerows([_text(cell) for cell in row] for row in found)


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return defused(cell)
    return "" if cell is None else f"{cell:.{_DIGITS}f}" if isinstance(cell, float) else str(cell)


def _write_xlsx(path: Path, head: Sequence[str], found: Iterable[Sequence[Cell]]) -> None:
    """Write one sheet: numbers are numbers; texts are never formulas, numbers or links."""
    options = {
        "constant_memory": True, "tmpdir": str(path.parent),
        "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False,
    }  # fmt: skip
    with Workbook(str(path), options) as book:
        sheet = book.add_worksheet()
        sheet.set_column(0, len(head) - 1, _WIDTH)
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(head):
            sheet.write_string(0, column, name)
        for place, row in enumerate(found, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(place, column, cell[:MOST_LETTERS])
                elif cell is not None:
                    sheet.write_number(place, column, cell)


async def _made(job: Job, path: Path) -> Told:
    try:
        vault = Vault.load(Path(job.key_file))
        database = Database.open(job.database)
        try:
            await make(job.file, make_figures(database, vault, SystemClock()).figures, path)
        finally:
            database.close()
    except NotAsked as refusal:
        return Told(refusal.word, refusal.place)
    except _PROBLEMS as error:
        return Told(unavailable=str(error))
    return Told()


def main(path: str) -> None:
    """Read what to make, make it, and tell what became of it."""
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(_made(job, Path(path)))))


if __name__ == "__main__":
    os.umask(0o077)
    os.nice(_CALM)
    main(sys.argv[1])
