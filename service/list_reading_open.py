"""Which reader a file needs."""

import zipfile
from pathlib import Path

from dialer.imports import FileFault, FileKind, FileRefused
from service.list_reading import USUAL, ReadingLimits, TableFile, read_bytes
from service.list_reading_text import TextFile
from service.list_reading_workbook import WorkbookFile
from service.list_reading_xlsx import XlsxFile

_ENDINGS = {
    FileKind.CSV: {".csv", ".txt", ".tsv", ".tab"},
    FileKind.XLSX: {".xlsx", ".xlsm"},
    FileKind.XLS: {".xls"},
    FileKind.ODS: {".ods"},
}
_ZIP, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"BZh",
    b"{\\rtf",
)
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_STREAMS = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))  # of an XLS file
_MOST_RATIO = 200  # unpacked to packed; sheets of real lists stay below 30
_SMALL = 64 << 20  # below this many bytes no ratio hurts


def open_table(path: Path, file_name: str, limits: ReadingLimits = USUAL) -> TableFile:
    """Open a file as what it is. Raises FileRefused."""
    head = read_bytes(path, 8)
    size = path.stat().st_size
    if not size:
        raise FileRefused(FileFault.EMPTY)
    if size > limits.file_bytes:
        raise FileRefused(FileFault.TOO_LARGE, f"{limits.file_bytes >> 20} MB")
    kind = _kind(path, head, size, limits)
    if Path(file_name).suffix.lower() not in _ENDINGS[kind]:
        raise FileRefused(FileFault.WRONG_EXTENSION, kind.value)
    if kind is FileKind.CSV:
        return TextFile(path, limits)
    if kind is FileKind.XLSX:
        return XlsxFile(path, limits)
    return WorkbookFile(path, kind)


def _kind(path: Path, head: bytes, size: int, limits: ReadingLimits) -> FileKind:
    if head.startswith(_ZIP):
        return _zipped(path, size, limits)
    if head.startswith(_COMPOUND):
        if size > limits.whole_bytes:
            raise FileRefused(FileFault.TOO_LARGE, f"{limits.whole_bytes >> 20} MB")
        content = read_bytes(path, size)
        if _ENCRYPTED in content:
            raise FileRefused(FileFault.PASSWORD)
        if not any(name in content for name in _STREAMS):
            raise FileRefused(FileFault.NOT_A_TABLE)
        return FileKind.XLS
    if head.startswith(_OTHERS):
        raise FileRefused(FileFault.NOT_A_TABLE)
    return FileKind.CSV


def _zipped(path: Path, size: int, limits: ReadingLimits) -> FileKind:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            # What is unpacked never exceeds what is declared: `zipfile` stops there.
            if unpacked > limits.unpacked_bytes or unpacked > max(_SMALL, _MOST_RATIO * size):
                raise FileRefused(FileFault.ZIP_BOMB)
            if any(part.flag_bits & 1 for part in parts):
                raise FileRefused(FileFault.PASSWORD)
            names = {part.filename for part in parts}
            if "[Content_Types].xml" in names and "_rels/.rels" in names:
                return FileKind.XLSX
            if "mimetype" in names and archive.read("mimetype")[:100].startswith(_ODS):
                return _open_document(archive, names, unpacked, limits)
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise FileRefused(FileFault.DAMAGED) from error
    raise FileRefused(FileFault.NOT_A_TABLE)


def _open_document(
    archive: zipfile.ZipFile, names: set[str], unpacked: int, limits: ReadingLimits
) -> FileKind:
    if unpacked > limits.whole_bytes:
        raise FileRefused(FileFault.TOO_LARGE, f"{limits.whole_bytes >> 20} MB")
    manifest = "META-INF/manifest.xml"
    if manifest in names and b"encryption-data" in archive.read(manifest):
        raise FileRefused(FileFault.PASSWORD)
    return FileKind.ODS
