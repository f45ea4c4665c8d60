"""The process that reads a file, and what it shows of one."""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.imports import FileFault, FileKind, FileRefused
from service.list_child import Child
from service.list_jobs import Looked, LookJob, has_ended, own_name, process_name
from service.list_look import masked
from service.list_pipe import taken_beside
from service.list_taking import Taken
from tests.unit.list_workbooks import write_ods


def test_a_file_is_shown_without_anybodys_data(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("NPWP;Nama;Telepon\n3171995506990123;Contoh Satu;08123456789\n")
    child = Child(LookJob(str(path), path.name))
    answer = child.answer()
    child.end()
    assert isinstance(answer, Looked)
    found = answer.inspection
    assert (found.kind, found.encoding, found.separator) == (FileKind.CSV, "utf-8", ";")
    assert found.header == ("NPWP", "Nama", "Telepon")
    assert found.sample == (("…0123", "C… S…", "…6789"),)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [("3171995506990123", "…0123"), ("31", "31"), ("0812", "0812"), ("Budi", "B…"), ("Contoh\nDua", "C… D…"),
     ("Jl. Contoh No. 12", "J…. C… N…. ••"), (8123456789, "…6789"), ("", ""), ("12345", "…")],
)  # fmt: skip
def test_of_a_cell_only_its_shape_is_shown(cell: str | int, shown: str) -> None:
    assert masked(cell) == shown


@pytest.mark.parametrize("columns", [30, 16_000])
def test_a_workbook_that_unpacks_to_more_than_memory_is_refused(tmp_path: Path, columns: int) -> None:
    path = write_ods(tmp_path / "list.ods", [["NPWP", "Nama", "Telepon"], ["x", "y", "z"]])
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml").decode()
    for tag, again in (
        ("<table:table-row", ' table:number-rows-repeated="1000000"'),
        ("<table:table-cell", f' table:number-columns-repeated="{columns}"'),
    ):
        content = content.replace(tag, tag + again)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    child = Child(LookJob(str(path), path.name))
    with pytest.raises(FileRefused) as refused:
        child.answer()
    assert refused.value.fault is FileFault.ZIP_BOMB


def test_a_process_is_known_by_its_start_too() -> None:
    assert has_ended(own_name()) is False
    host, pid, _ = own_name().rsplit(":", 2)
    assert has_ended(f"{host}:{pid}:1") is True
    assert has_ended(process_name(2**22 + 1)) is True
    assert has_ended(f"elsewhere:{os.getpid()}:1") is None


def batches() -> Iterator[Taken]:
    yield Taken(0, 0, 1, [], [])
    yield Taken(1, 5, 2, [], [])


def test_what_is_taken_beside_arrives_in_order() -> None:
    with taken_beside(batches) as taken:
        assert list(taken) == list(batches())


def test_what_goes_wrong_beside_is_told_here() -> None:
    def broken() -> Iterator[Taken]:
        yield from batches()
        raise FileRefused(FileFault.DAMAGED, "row 7")

    def dying() -> Iterator[Taken]:
        yield from batches()
        os._exit(9)

    with taken_beside(broken) as taken, pytest.raises(FileRefused) as refused:
        list(taken)
    assert (refused.value.fault, refused.value.detail) == (FileFault.DAMAGED, "row 7")
    with taken_beside(dying) as taken, pytest.raises(FileRefused):
        list(taken)
