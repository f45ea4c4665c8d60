"""Made-up lists for the bench: CSV and XLSX with faults planted, and what must become of them."""

import csv
import random
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

HEADER = ("No", "NPWP", "Nama WP", "Telepon", "HP", "Provinsi", "Kelompok", "Nomor Surat")
_PROVINCES = ("DKI Jakarta", "Jawa Barat", "Bali", "Sulawesi Selatan", "Papua", "Maluku", "Kalimantan Timur")
_GROUPS = ("karyawan", "PNS", "pengusaha", "badan")
_EVERY = 40  # one row of so many has a fault
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
# Every spelling of a 16-digit number that went through a spreadsheet; `None`: as a number of the workbook.
DAMAGE = (
    "3.17199550699012E+15", "3,17199550699012E+15", "3.17E+15", "3171995506990123.0", "3171995506990123,00",
    "3.171.995.506.990.120", "3,171,995,506,990,120", "3171995506990000", "3171995506990120", "########",
    None,
)  # fmt: skip
_FAULTS: tuple[tuple[str, str | None], ...] = (
    *(("npwp_damaged", spelling) for spelling in DAMAGE),
    ("npwp_missing", ""),
    ("npwp_invalid", "123"),
    ("name_missing", ""),
    ("number_invalid", "110"),
    ("number_ours", "(021) 500200"),
    ("zone_unknown", "Bavaria"),
    ("group_unknown", "pelaut"),
    ("same_taxpayer_in_file", ""),
    ("same_number_in_file", ""),
)

Row = list[str | float]


@dataclass(slots=True)
class Expected:
    """What must become of the rows of a file."""

    rows: int = 0
    accepted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


def rows(count: int, expected: Expected, *, numbers: bool) -> Iterator[Row]:
    """Yield rows; `numbers`: whether a cell may hold a number, as in a workbook."""
    rng = random.Random(1500200)
    for number in range(count):
        row = _good(rng, number)
        expected.rows += 1
        if number % _EVERY == _EVERY - 1:
            reason, value = _FAULTS[number // _EVERY % len(_FAULTS)]
            expected.reasons[reason] += 1
            _spoil(row, number, reason, value, numbers=numbers)
        else:
            expected.accepted += 1
        yield row


def _good(rng: random.Random, number: int) -> Row:
    mobile = f"0812{number:08d}"
    fixed = f"(021) {20_000_000 + number} / +62813{number:08d}" if number % 2 else ""
    return [
        str(number + 1),
        _npwp(number),
        f"Contoh Wajib Pajak {number}",
        mobile if number % 3 else f"62{mobile[1:]}",
        fixed,
        rng.choice(_PROVINCES),
        rng.choice(_GROUPS),
        f"SP-{number:07d}/2026",
    ]


def _npwp(number: int) -> str:
    """Return a NIK of district 99, which does not exist. No two are the same, and none ends in 0."""
    serial, born = number % 9_000, number // 9_000
    day, month = born % 28 + 1, born // 28 % 12 + 1
    return f"317199{day:02d}{month:02d}30{serial // 9:03d}{serial % 9 + 1}"


def _spoil(row: Row, number: int, reason: str, value: str | None, *, numbers: bool) -> None:
    if reason.startswith("npwp"):
        row[1] = (3171995506990123.0 if numbers else "3.17199550699012E+15") if value is None else value
    elif reason.startswith("number"):
        row[3:5] = [value or "", ""]
    elif reason == "same_number_in_file":
        row[3:5] = [f"+62 812-{number - 1:08d}", ""]
    elif reason == "same_taxpayer_in_file":
        row[1] = _npwp(number - 1)
    else:
        row[{"name_missing": 2, "zone_unknown": 5, "group_unknown": 6}[reason]] = value or ""


def write_csv(path: Path, count: int) -> Expected:
    """Write a list as Indonesian offices' Excel does: semicolons, Windows-1252."""
    expected = Expected()
    with path.open("w", encoding="cp1252", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(HEADER)
        writer.writerows(rows(count, expected, numbers=False))
    return expected


def write_xlsx(path: Path, count: int, sheets: int) -> Expected:
    """Write a list as Excel does: every text once, in one part, and cells that name it by its number."""
    expected = Expected()
    made = rows(count, expected, numbers=True)
    each = -(-count // sheets)
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        path.with_suffix(".texts").open("w+b") as beside,
    ):
        shared = _Shared(beside, [*HEADER, *_PROVINCES, *_GROUPS])
        for sheet in range(sheets):
            with archive.open(f"xl/worksheets/sheet{sheet + 1}.xml", "w", force_zip64=True) as part:
                size = min(each, count - sheet * each)
                part.write(f'<worksheet {_MAIN}><dimension ref="A1:H{size + 1}"/><sheetData>'.encode())
                part.write(shared.row(1, list(HEADER)))
                for at in range(size):
                    part.write(shared.row(at + 2, next(made)))
                part.write(b"</sheetData></worksheet>")
        beside.seek(0)
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            part.write(f"<sst {_MAIN}>".encode())
            shutil.copyfileobj(beside, part)
            part.write(b"</sst>")
        _write_frame(archive, sheets)
    path.with_suffix(".texts").unlink()
    return expected


class _Shared:
    """The texts of a workbook: those that come often once, all others as they come."""

    def __init__(self, file: BinaryIO, often: list[str]) -> None:
        self._file = file
        self._often: dict[str, int] = {}
        self._count = 0
        for text in often:
            self._often[text] = self._add(text)

    def row(self, number: int, cells: Row) -> bytes:
        """Return a row of a sheet."""
        parts = [f'<row r="{number}">']
        for letter, cell in zip("ABCDEFGH", cells, strict=True):
            if isinstance(cell, float):
                parts.append(f'<c r="{letter}{number}"><v>{cell!r}</v></c>')
            elif cell:
                index = self._often.get(cell)
                shown = self._add(cell) if index is None else index
                parts.append(f'<c r="{letter}{number}" t="s"><v>{shown}</v></c>')
        parts.append("</row>")
        return "".join(parts).encode()

    def _add(self, text: str) -> int:
        self._file.write(f"<si><t>{text}</t></si>".encode())
        self._count += 1
        return self._count - 1


def _write_frame(archive: zipfile.ZipFile, sheets: int) -> None:
    """Write what holds the sheets together."""
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    names = "".join(f'<sheet name="Lembar {at}" sheetId="{at}" r:id="r{at}"/>' for at in range(1, sheets + 1))
    parts = "".join(
        f'<Relationship Id="r{at}" Type="{office}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in range(1, sheets + 1)
    )
    root = f'<Relationship Id="a" Type="{office}/officeDocument" Target="xl/workbook.xml"/>'
    texts = f'<Relationship Id="s" Type="{office}/sharedStrings" Target="sharedStrings.xml"/>'
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    archive.writestr("[Content_Types].xml", f'<Types xmlns="{types}"/>')
    archive.writestr("_rels/.rels", f'<Relationships xmlns="{package}">{root}</Relationships>')
    book = f'<workbook {_MAIN} xmlns:r="{office}"><sheets>{names}</sheets></workbook>'
    archive.writestr("xl/workbook.xml", book)
    archive.writestr(
        "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}">{parts}{texts}</Relationships>'
    )
