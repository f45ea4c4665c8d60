"""What the manifest's checker promises: 0 findings on a sound table, the right row on every other."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from recording.manifest import EMPTY, Act, Entry, Head, Report, Row, Wrong, sign
from recording.manifest_check import check

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
LENGTH = 12
PLACES = (1, 2, 5, 6, 11, 12)


class TwoKeys:
    """Chain keys of two versions."""

    def __init__(self, current: int = 1) -> None:
        self.current = current

    def chain_key(self, version: int) -> bytes:
        return {1: b"1" * 32, 2: b"2" * 32}[version]


def written(length: int = LENGTH, before: Sequence[Row] = (), salt: str = "") -> list[Row]:
    rows = list(before)
    for number in range(len(rows) + 1, length + 1):
        keys = TwoKeys(1 if number < 7 else 2)  # rotated on the way
        head = Head(rows[-1].number, rows[-1].link) if rows else EMPTY
        entry = Entry(f"{number:032x}", Act.SEALED, AT + number * timedelta(seconds=1), "d" * 64, salt)
        rows.append(sign(keys, head, entry))
    return rows


def checked(rows: Sequence[Row], anchored: Sequence[Row] | None = None) -> Report:
    anchors = {row.number: row.link for row in (written() if anchored is None else anchored)}
    return check(lambda: sorted(rows, key=lambda row: row.number), TwoKeys(2), anchors)


def only(report: Report) -> tuple[int, Wrong, int]:
    assert len(report.findings) == 1, report.findings
    return report.findings[0].number, report.findings[0].wrong, report.findings[0].until


def renumbered(rows: Sequence[Row]) -> list[Row]:
    return [replace(row, number=number) for number, row in enumerate(rows, 1)]


@pytest.mark.parametrize("length", [0, 1, 2, LENGTH])
def test_nothing_is_found_in_what_was_written(length: int) -> None:
    rows = written(length)
    report = checked(rows, rows)
    assert report.findings == () and report.sound
    assert (report.rows, report.head.number, report.anchored) == (length, length, length)


def test_rows_that_wait_for_their_anchor_are_sound() -> None:
    assert checked(written(), written(9)).sound


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "change",
    [
        {"at": AT},
        {"recording_id": "f" * 32},
        {"act": "destroyed"},
        {"digest": ""},
        {"detail": "x"},
        {"key_version": 9},
        {"mac": b""},
        {"mac": b"x" * 64},
    ],
)
def test_a_changed_row_is_named(place: int, change: dict[str, object]) -> None:
    rows = written()
    rows[place - 1] = replace(rows[place - 1], **change)  # type: ignore[arg-type]
    assert only(checked(rows)) == (place, Wrong.CHANGED, place)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("half", [0, 63])
def test_a_changed_mac_is_named_and_no_other_row(place: int, half: int) -> None:
    rows = written()
    mac = bytearray(rows[place - 1].mac)
    mac[half] ^= 1
    rows[place - 1] = replace(rows[place - 1], mac=bytes(mac))
    assert only(checked(rows)) == (place, Wrong.CHANGED, place)


@pytest.mark.parametrize("place", PLACES[:-1])
@pytest.mark.parametrize("many", [1, 3])
@pytest.mark.parametrize("close_up", [False, True])
def test_a_row_taken_out_is_named(place: int, many: int, close_up: bool) -> None:
    rows = written()
    many = min(many, LENGTH - place)  # the last one stays: else it is a cut
    del rows[place - 1 : place - 1 + many]
    found = checked(renumbered(rows) if close_up else rows)
    assert only(found) == (place, Wrong.MISSING, place + many - 1)


@pytest.mark.parametrize("kept", [0, 1, 6, 11])
def test_a_cut_at_the_end_is_named(kept: int) -> None:
    assert only(checked(written()[:kept])) == (kept + 1, Wrong.CUT, LENGTH)


@pytest.mark.parametrize(("one", "other"), [(1, 2), (1, 12), (5, 8), (11, 12)])
def test_exchanged_rows_are_named_with_where_they_belong(one: int, other: int) -> None:
    rows = written()
    first, second = rows[one - 1], rows[other - 1]
    rows[one - 1], rows[other - 1] = replace(second, number=one), replace(first, number=other)
    found = checked(rows).findings
    assert [(each.number, each.wrong, each.other) for each in found] == [
        (one, Wrong.EXCHANGED, other),
        (other, Wrong.EXCHANGED, one),
    ]


@pytest.mark.parametrize("place", [*PLACES, 13])
@pytest.mark.parametrize("copied", [True, False])
def test_an_inserted_row_is_named(place: int, copied: bool) -> None:
    rows = written()
    new = rows[2] if copied else replace(rows[2], recording_id="e" * 32, mac=b"z" * 64)
    found = checked(renumbered([*rows[: place - 1], new, *rows[place - 1 :]]))
    assert only(found) == (place, Wrong.INSERTED, place)


@pytest.mark.parametrize("place", PLACES)
def test_a_row_overwritten_by_a_copy_of_another_is_named(place: int) -> None:
    rows = written()
    source = 3 if place != 3 else 4
    rows[place - 1] = replace(rows[source - 1], number=place)
    assert only(checked(rows)) == (place, Wrong.CHANGED, place)


@pytest.mark.parametrize("copy_of", [0, 1, 6, 11])
def test_an_older_copy_shows_against_the_anchors(copy_of: int) -> None:
    assert only(checked(written(copy_of))) == (copy_of + 1, Wrong.CUT, LENGTH)
    # The service went on with it: rows are sound in themselves, and another history.
    gone_on = written(LENGTH, written(copy_of), salt="again")
    assert only(checked(gone_on)) == (copy_of + 1, Wrong.ROLLED_BACK, LENGTH)
    longer = written(LENGTH + 3, written(copy_of), salt="again")
    assert only(checked(longer)) == (copy_of + 1, Wrong.ROLLED_BACK, LENGTH)


@pytest.mark.parametrize("place", PLACES[1:])
def test_a_row_out_of_another_history_is_named(place: int) -> None:
    other = written(LENGTH, written(place - 1), salt="again")
    rows = [*written()[: place - 1], other[place - 1], *written()[place:]]
    found = check(lambda: rows, TwoKeys(2), {})
    # Without an anchor it is the next row that does not follow; the last one shows by nothing but its anchor.
    assert [one.number for one in found.findings] == ([place + 1] if place < LENGTH else [])
    assert checked(rows).findings[0].number == place


def test_several_faults_are_each_named() -> None:
    rows = written()
    rows[1] = replace(rows[1], detail="x")
    del rows[8]
    found = [(one.number, one.wrong) for one in checked(rows[:-1]).findings]
    assert found == [(2, Wrong.CHANGED), (9, Wrong.MISSING), (12, Wrong.CUT)]


def test_rows_of_a_key_that_is_not_there_cannot_be_checked() -> None:
    class Newest(TwoKeys):
        def chain_key(self, version: int) -> bytes:
            if version == 1:
                raise KeyError(version)
            return super().chain_key(version)

    rows = written()
    report = check(lambda: rows, Newest(2), {row.number: row.link for row in rows})
    assert only(report) == (1, Wrong.NO_KEY, 6)


def test_a_row_is_not_signed_without_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        sign(TwoKeys(), EMPTY, Entry("0" * 32, Act.HELD, AT.replace(tzinfo=None)))
