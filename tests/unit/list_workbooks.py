"""Makes workbooks for tests: XLSX by hand and by xlsxwriter, ODS and XLS by hand."""

import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import xlsxwriter  # type: ignore[import-untyped] # it has no types of its own

Value = str | int | float
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def write_xlsx(
    path: Path, sheets: Mapping[str, Sequence[Sequence[Value]]], hidden: Sequence[str] = ()
) -> Path:
    """Write a workbook as programs do: texts shared, numbers as numbers."""
    book = xlsxwriter.Workbook(str(path))
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for place, value in enumerate(row):
                (sheet.write_string if isinstance(value, str) else sheet.write_number)(at, place, value)
        if name in hidden:
            sheet.hide()
    book.close()
    return path


def raw_xlsx(path: Path, sheet: str, shared: str = "", styles: str = "") -> Path:
    """Write a workbook of one sheet out of the text of its parts."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}"/>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="a" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{_OFFICE}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
        f'<Relationship Id="r3" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
        "xl/sharedStrings.xml": shared or f'<sst xmlns="{_MAIN}"/>',
        "xl/styles.xml": styles or f'<styleSheet xmlns="{_MAIN}"/>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def write_ods(path: Path, rows: Sequence[Sequence[Value]], *, encrypted: bool = False) -> Path:
    """Write an ODS workbook of one sheet."""
    lines = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="Lembar">{lines}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    secret = "<manifest:encryption-data/>" if encrypted else ""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", f"<manifest:manifest>{secret}</manifest:manifest>")
    return path


def _ods_cell(value: Value) -> str:
    kind = 'office:value-type="string"'
    if not isinstance(value, str):
        kind = f'office:value-type="float" office:value="{value}"'
    return f"<table:table-cell {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"


def write_xls(path: Path, rows: Sequence[Sequence[Value]]) -> Path:
    """Write an XLS workbook (BIFF8, [MS-XLS]) of one sheet in its container ([MS-CFB])."""
    globals_ = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    name = b"Lembar"
    bound = struct.pack("<IHBB", 0, 0, len(name), 0) + name
    end = _record(0x000A, b"")
    offset = len(globals_) + len(_record(0x0085, bound)) + len(end)
    globals_ += _record(0x0085, struct.pack("<I", offset) + bound[4:]) + end
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    width = max(map(len, rows))
    sheet += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for at, row in enumerate(rows):
        for place, value in enumerate(row):
            head = struct.pack("<HHH", at, place, 0)
            if isinstance(value, str):
                text = value.encode("utf-16-le")
                sheet += _record(0x0204, head + struct.pack("<HB", len(value), 1) + text)
            else:
                sheet += _record(0x0203, head + struct.pack("<d", value))
    path.write_bytes(container("Workbook", globals_ + sheet + end))
    return path


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def container(stream: str, content: bytes) -> bytes:
    """Return a compound file with one stream ([MS-CFB] version 3)."""
    content = content.ljust(max(len(content), 4096), b"\0")
    sectors = -(-len(content) // 512)
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + sectors), 0xFFFFFFFE]
    assert len(table) <= 128, "one sector of the table must do"
    fat = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    directory = _entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1) + _entry(stream, 2, 2, len(content))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    head += bytes(6) + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<I", 0) + b"\xff" * (512 - len(head) - 4)
    return head + fat + directory.ljust(512, b"\0") + content.ljust(sectors * 512, b"\0")


def _entry(name: str, kind: int, start: int, size: int, child: int = 0xFFFFFFFF) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    entry = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
    return entry + bytes(36) + struct.pack("<IQ", start, size)
