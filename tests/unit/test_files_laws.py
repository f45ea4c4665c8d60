"""Whatever stands in a file that people hand over, its reader takes it or refuses it by its own error."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acd import blending, tables_csv
from dialer.imports import FileRefused
from reporting.channels import read_channels
from service import config_days
from service.list_reading_open import open_table
from service.outcome_feed import FeedRefused, read_feed
from service.staff_csv import StaffCsvRefused, read_staff
from web.config_port import ConfigRefused, Form
from web.config_text import assumed_lines, cells_of, for_spreadsheets, from_spreadsheets, row_count

STAFF = (
    "user_name,display_name,roles,number,team,language\n"
    "sari,Sari Contoh,agent supervisor,1001,T1,id\nbudi,Budi Contoh,agent,1002,T2,en\n"
)
DAYS = (
    "day,kind,opens,closes,about,assumed\n2026-03-19,holiday,,,Nyepi,\n2026-05-02,working,08:00,12:00,x,yes\n"
)
CHANNELS = (
    "tanggal;nomor_petugas;tim;chat_dijawab;chat_sesuai_sla;email_ditugaskan;email_dijawab\n"
    "2026-03-31;1001;;5;4;3;2\n01/04/2026;;T1;5;4;;\n"
)
FEED = (
    "npwp;kind;period;date\n3171015505900001;filed;2025;2026-03-01\n"
    "3171015505900002;paid;2025-03;2026-03-02\n"
)
LIST = 'NPWP;Nama;Telepon\n3171995506990123;Contoh;08123456789\n3171995506990124;"Con;toh";08123456780\n'
TABLES = {name: (tables_csv.DATA / f"{name}.csv").read_text(encoding="utf-8") for name in tables_csv.COLUMNS}
LONG = "x" * 140_000  # longer than a cell may be
ODD = [
    "", "\0", "\r", "\n", "\r\n", '"', '""', "'", ";", ",", "\t", "é", "\x85", "\u2028", LONG,
    '"' + "y\n" * 70_000, "2026-02-30", "-1", "9" * 30, "1e9", "=1+1", "+62", "0" * 16, "3.17102E+15",
    "\ufeff", " ", "٣",
]  # fmt: skip


def _channels(path: Path) -> None:
    found = read_channels(path.read_bytes(), {"1001"}, {"T1"}, date(2026, 5, 1))
    assert bool(found.rows) != bool(found.mistakes)
    assert found.wrong >= len(found.mistakes)


def _list(path: Path) -> None:
    table = open_table(path, "list.csv")
    assert [row for row, _ in table.rows(0)] == sorted({row for row, _ in table.rows(0)})


def _pages(path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "replace")
    assert row_count(Form.CSV, text) <= len(text)
    assert set(assumed_lines(Form.CSV, text)) <= set(range(2, len(text) + 2))
    assert cells_of(from_spreadsheets(for_spreadsheets(text))) == cells_of(text)


class Refused(Exception):
    """Nothing refuses so: such a reader tells mistakes in what it returns."""


READERS: dict[str, tuple[str, Callable[[Path], object], type[Exception]]] = {
    "staff": (STAFF, read_staff, StaffCsvRefused),
    "days": (DAYS, lambda path: config_days.load(path.read_bytes().decode()), ConfigRefused),
    "channels": (CHANNELS, _channels, Refused),
    "outcomes": (FEED, lambda path: read_feed(path, lambda key: key.encode().ljust(32)), FeedRefused),
    "list": (LIST, _list, FileRefused),
    "pages": (DAYS, _pages, Refused),
    "blending": (
        blending.DATA.read_text(encoding="utf-8"),
        lambda path: blending.read(path.read_bytes().decode()),
        blending.BlendingRefused,
    ),
} | {
    name: (
        text,
        lambda path: tables_csv.load({**TABLES, path.stem: path.read_bytes().decode()}, date(2026, 5, 1)),
        tables_csv.CsvRefused,
    )
    for name, text in TABLES.items()
}


@st.composite
def spoilt(draw: st.DrawFn, text: str) -> str:
    """A file with a few changes that people or programs make by mistake."""
    for _ in range(draw(st.integers(1, 4))):
        lines = text.split("\n")
        at = draw(st.integers(0, len(lines) - 1))
        odd = draw(st.sampled_from(ODD))
        change = draw(st.sampled_from(["odd", "odd", "double", "drop", "cells"]))
        if change == "odd":
            place = draw(st.integers(0, len(text)))
            text = text[:place] + odd + text[place + draw(st.integers(0, 30)) :]
        elif change == "cells" and lines[at]:
            lines[at] = odd.join(lines[at].split(draw(st.sampled_from(",;"))))
            text = "\n".join(lines)
        else:
            text = "\n".join(lines[:at] + lines[at : at + 1] * 2 * (change == "double") + lines[at + 1 :])
    return text


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(READERS)), st.data())
def test_a_spoilt_file_is_taken_or_refused_by_its_reader_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    text, read, named = READERS[name]
    path = tmp_path_factory.getbasetemp() / f"{name}.csv"
    path.write_bytes(data.draw(spoilt(text)).encode())
    try:
        read(path)
    except named as refused:
        assert str(refused)


@given(st.sampled_from(["staff", "channels", "outcomes", "list"]), st.binary(max_size=200))
def test_any_bytes_are_no_file_of_people_and_no_crash(
    tmp_path_factory: pytest.TempPathFactory, name: str, content: bytes
) -> None:
    _, read, named = READERS[name]
    path = tmp_path_factory.getbasetemp() / f"{name}.csv"
    path.write_bytes(content)
    try:
        read(path)
    except named as refused:
        assert str(refused)


@pytest.mark.parametrize("name", ["channels", "outcomes", "blending", "staff", "days"])
def test_a_cell_that_never_ends_is_refused_with_words(tmp_path: Path, name: str) -> None:
    text, read, named = READERS[name]
    path = tmp_path / f"{name}.csv"
    path.write_text(text + '"' + LONG, encoding="utf-8")
    if name == "channels":
        found = read_channels(path.read_bytes(), {"1001"}, {"T1"}, date(2026, 5, 1))
        assert [one.remedy for one in found.mistakes] == ["not_csv"]
        return
    with pytest.raises(named) as refused:
        read(path)
    assert "CSV" in str(refused.value)
