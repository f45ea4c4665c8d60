"""The administrator's tables as a folder of CSV files."""

from collections.abc import Mapping
from pathlib import Path

from acd.checking import near
from acd.tables_csv import COLUMNS, CsvRefused, RowProblem

_LARGEST = 20_000_000  # bytes; 5,000 agents with five competences each take one


class FolderProblem(Exception):
    """The folder cannot be read or written."""


def read_folder(folder: Path) -> dict[str, str]:
    """Return table → text of the tables in a folder; files that are no CSV are left alone.

    Raises CsvRefused (a file that is no table, not UTF-8, or far too large; a folder without any
    table) and FolderProblem.
    """
    problems: list[RowProblem] = []
    texts: dict[str, str] = {}
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv")
        for path in files:
            problem = _unknown(path) if path.name.removesuffix(".csv") not in COLUMNS else _too_large(path)
            content = b"" if problem else path.read_bytes()
            problem = problem or _not_utf8(path, content)
            if problem:
                problems.append(problem)
            else:
                texts[path.stem] = content.decode("utf-8-sig")
    except OSError as error:
        raise FolderProblem(f"{error.filename or folder}: cannot be read ({error.strerror}).") from error
    if not files:
        expected = ", ".join(f"{table}.csv" for table in COLUMNS)
        problems.append(RowProblem("*.csv", 1, "file", "", "the folder has no table", f"some of {expected}"))
    if problems:
        raise CsvRefused(problems)
    return texts


def write_folder(folder: Path, texts: Mapping[str, str]) -> None:
    """Write tables into a new folder that only its owner can read: there are names in them.

    Raises FolderProblem; then no folder was left behind.
    """
    fresh = folder.with_name(folder.name + ".new")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists():
            raise FolderProblem(f"{folder}: is there already. Remedy: name a folder that is not.")
        fresh.mkdir(mode=0o700)
    except OSError as error:
        raise FolderProblem(f"{fresh}: cannot be made ({error.strerror}).") from error
    try:
        for table, text in texts.items():
            path = fresh / f"{table}.csv"
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8")
        fresh.rename(folder)
    except OSError as error:
        for path in fresh.iterdir():
            path.unlink()
        fresh.rmdir()
        raise FolderProblem(f"{folder}: cannot be written ({error.strerror}).") from error


def _unknown(path: Path) -> RowProblem:
    remedy = f"{near(path.stem, COLUMNS)}; or move the file away"
    return RowProblem(path.name[:60], 1, "file", path.stem[:40], "is none of the tables", remedy)


def _too_large(path: Path) -> RowProblem | None:
    size = path.stat().st_size
    if size <= _LARGEST:
        return None
    return RowProblem(path.name, 1, "file", f"{size} bytes", "is far too large", f"{_LARGEST} bytes at most")


def _not_utf8(path: Path, content: bytes) -> RowProblem | None:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        return RowProblem(path.name, row, "row", "", "is not UTF-8", "save the sheet as `CSV UTF-8`")
    return None
