"""Rows of lists: cells by their roles, duplicates, suppressions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.contacts import Key
from dialer.lists import RowFate, RowReason
from dialer.mapping import ColumnMapping, ColumnUse, Role
from dialer.rows import LONGEST_FIELD, LONGEST_NAME, ReadRow, Refusal, RowRules
from dialer.rows_cells import Cell
from dialer.rows_seen import SeenKeys
from dialer.rows_sieve import Dropped, Kept, KeyedRow, Sieve
from dialer.rows_tables import load_places, load_words
from domain.zones import Zone

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PLACES, WORDS = load_places(NOW), load_words(NOW)
HEADER = ("NPWP", "Nama", "Telepon", "HP", "Zona", "KPP", "Provinsi", "Kelompok", "Masa", "Lain")
MAPPING = ColumnMapping(
    {
        "NPWP": ColumnUse(Role.NPWP),
        "Nama": ColumnUse(Role.NAME),
        "Telepon": ColumnUse(Role.NUMBER),
        "HP": ColumnUse(Role.NUMBER),
        "Zona": ColumnUse(Role.ZONE),
        "KPP": ColumnUse(Role.OFFICE),
        "Provinsi": ColumnUse(Role.PROVINCE),
        "Kelompok": ColumnUse(Role.GROUP),
        "Masa": ColumnUse(Role.FIELD, "masa", required=True),
        "Lain": ColumnUse(Role.IGNORED),
    }
)
GOOD: dict[str, Cell] = {
    "NPWP": "3171995506990123",
    "Nama": "Contoh Satu",
    "Telepon": "021-5250208",
    "HP": "08123456789/08139999888",
    "Masa": "2025-03",
}


def read(**changed: Cell) -> ReadRow | Refusal:
    cells = {**GOOD, **changed}
    rules = RowRules(HEADER, MAPPING, PLACES, WORDS, rounded=False)
    return rules.read(7, [cells.get(column, "") for column in HEADER])


def accepted(**changed: Cell) -> ReadRow:
    row = read(**changed)
    assert isinstance(row, ReadRow)
    return row


def refused(**changed: Cell) -> Refusal:
    row = read(**changed)
    assert isinstance(row, Refusal)
    return row


def test_a_good_row_is_read_by_its_roles() -> None:
    row = accepted()
    assert row.numbers == ("62215250208", "628123456789", "628139999888")
    assert (row.row, row.npwp, row.name, row.fields) == (
        7,
        "3171995506990123",
        "Contoh Satu",
        {"masa": "2025-03"},
    )
    assert (row.zone, row.group) == (Zone.UNKNOWN, "")


@pytest.mark.parametrize(
    ("column", "cell", "zone"),
    [
        ("Zona", "WITA", Zone.WITA), ("Zona", "UTC+9", Zone.WIT), ("Zona", "gmt+7", Zone.WIB),
        ("KPP", "952", Zone.WIT), ("KPP", 1, Zone.WIB), ("KPP", "KPP 711 Palangkaraya", Zone.WIB),
        ("KPP", "731", Zone.WITA), ("KPP", "901 - Denpasar Barat", Zone.WITA), ("KPP", 941.0, Zone.WIT),
        ("Provinsi", "DKI Jakarta", Zone.WIB), ("Provinsi", "Prov. Bali", Zone.WITA),
        ("Provinsi", 64, Zone.WITA), ("Provinsi", "kalimantan  BARAT", Zone.WIB),
        ("Provinsi", "96", Zone.WIT),
    ],
)  # fmt: skip
def test_the_zone_comes_from_zone_office_or_province(column: str, cell: Cell, zone: Zone) -> None:
    assert accepted(**{column: cell}).zone is zone


def test_every_province_and_the_office_before_the_province() -> None:
    codes = [
        *range(11, 20),
        21,
        *range(31, 37),
        *range(51, 54),
        *range(61, 66),
        *range(71, 77),
        81,
        82,
        *range(91, 97),
    ]
    assert all(accepted(Provinsi=str(code)).zone is not Zone.UNKNOWN for code in codes)
    assert accepted(Provinsi="Bali", KPP="001").zone is Zone.WIB


@pytest.mark.parametrize(
    ("changed", "reason", "column", "value"),
    [
        ({"NPWP": 3171995506990123}, RowReason.NPWP_DAMAGED, "NPWP", "…E+15"),
        ({"NPWP": "123"}, RowReason.NPWP_INVALID, "NPWP", "…"),
        ({"Nama": " "}, RowReason.NAME_MISSING, "Nama", ""),
        ({"Nama": "-"}, RowReason.NAME_MISSING, "Nama", "…"),
        ({"Nama": "x" * (LONGEST_NAME + 1)}, RowReason.FIELD_TOO_LONG, "Nama", "…"),
        ({"Nama": "Jos\udce9"}, RowReason.ENCODING, "Nama", "…"),
        ({"Telepon": "", "HP": ""}, RowReason.NUMBER_MISSING, "Telepon", ""),
        ({"Telepon": "", "HP": "0809123456"}, RowReason.NUMBER_INVALID, "HP", "…3456"),
        ({"Telepon": "1500200", "HP": ""}, RowReason.NUMBER_OURS, "Telepon", "…"),
        ({"Zona": "CET"}, RowReason.ZONE_UNKNOWN, "Zona", "CET"),
        ({"Provinsi": "Bavaria"}, RowReason.ZONE_UNKNOWN, "Provinsi", "Bavaria"),
        ({"KPP": "970"}, RowReason.ZONE_UNKNOWN, "KPP", "970"),
        ({"Kelompok": "pelaut"}, RowReason.GROUP_UNKNOWN, "Kelompok", "pelaut"),
        ({"Masa": ""}, RowReason.FIELD_MISSING, "Masa", ""),
        ({"Masa": "x" * (LONGEST_FIELD + 1)}, RowReason.FIELD_TOO_LONG, "Masa", str(LONGEST_FIELD + 1)),
    ],
)  # fmt: skip
def test_each_fault_is_told_with_its_column_and_masked_value(
    changed: dict[str, Cell], reason: RowReason, column: str, value: str
) -> None:
    assert refused(**changed) == Refusal(7, reason, HEADER.index(column), value)


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("PNS", "civil_servant"),
        ("asn/tni/polri", "civil_servant"),
        ("Karyawan", "employee"),
        ("Badan", "company"),
    ],
)
def test_groups_are_understood_in_indonesian(text: str, group: str) -> None:
    assert accepted(Kelompok=text).group == group


def test_more_cells_than_the_header_are_refused_unless_they_are_empty() -> None:
    rules = RowRules(HEADER, MAPPING, PLACES, WORDS, rounded=False)
    cells = [GOOD.get(column, "") for column in HEADER]
    assert isinstance(rules.read(2, [*cells, "", ""]), ReadRow)
    assert rules.read(2, [*cells, "x"]) == Refusal(2, RowReason.COLUMNS, -1, "11")
    assert isinstance(rules.read(2, cells[:-1]), ReadRow)


def test_numbers_of_a_workbook_that_lost_their_zero_are_read() -> None:
    assert accepted(Telepon=8123456789, HP=62215250208.0).numbers == ("628123456789", "62215250208")


def test_a_read_row_shows_nothing_personal() -> None:
    assert "Contoh" not in repr(accepted()) and "6281" not in repr(accepted())


class Known:
    """What is loaded, or solved."""

    def __init__(self, known: Collection[Key]) -> None:
        self.known = frozenset(known)

    def find(self, keys: Collection[Key]) -> frozenset[Key]:
        return self.known.intersection(keys)


class Suppressed:
    def __init__(self, suppressed: Mapping[Key, str]) -> None:
        self.suppressed = suppressed

    def find(self, keys: Collection[Key]) -> dict[Key, str]:
        return {key: self.suppressed[key] for key in keys if key in self.suppressed}


def key(text: str) -> Key:
    return text.encode().rjust(16, b".")


def row(number: int, npwp: str, *numbers: str) -> KeyedRow:
    made = ReadRow(number, npwp, "Contoh", numbers, Zone.WIB, "", {})
    return KeyedRow(made, key(npwp), tuple(key(one) for one in numbers))


def sieve(
    loaded: Collection[str] = (), suppressed: Mapping[str, str] | None = None, solved: Collection[str] = ()
) -> Sieve:
    return Sieve(
        Known([key(one) for one in loaded]),
        Suppressed({key(one): why for one, why in (suppressed or {}).items()}),
        Known([key(one) for one in solved]),
        100,
    )


def fates(results: Sequence[Kept | Dropped]) -> list[str]:
    return [result.reason.value if isinstance(result, Dropped) else "kept" for result in results]


def test_the_same_taxpayer_twice_is_a_duplicate_within_and_across_batches() -> None:
    one = sieve()
    assert fates(one.sift([row(2, "A", "1"), row(3, "A", "2")])) == ["kept", "same_taxpayer_in_file"]
    assert fates(one.sift([row(4, "A", "3"), row(5, "B", "4")])) == ["same_taxpayer_in_file", "kept"]


def test_a_row_whose_every_number_is_there_is_a_duplicate_and_some_left_are_kept() -> None:
    one = sieve()
    first, second, third = one.sift([row(2, "A", "1"), row(3, "B", "1"), row(4, "C", "1", "2")])
    assert isinstance(first, Kept) and isinstance(third, Kept)
    assert isinstance(second, Dropped) and second.fate is RowFate.DUPLICATE and second.is_number
    assert third.numbers == ("2",) and third.number_keys == (key("2"),)


def test_a_row_that_was_dropped_does_not_stand_in_the_way_of_another() -> None:
    results = sieve(suppressed={"1": "do_not_call"}).sift([row(2, "A", "1"), row(3, "A", "2")])
    assert fates(results) == ["do_not_call", "kept"]


def test_other_lists_suppressions_and_the_solved_are_asked() -> None:
    one = sieve(loaded=["A", "1"], suppressed={"B": "do_not_call", "2": "wrong_number"}, solved=["C"])
    results = one.sift(
        [
            row(2, "A", "9"),
            row(3, "B", "8"),
            row(4, "C", "7"),
            row(5, "D", "1"),
            row(6, "E", "2"),
            row(7, "F", "2", "3"),
        ]
    )
    assert fates(results) == [
        "same_taxpayer_loaded", "do_not_call", "solved", "same_number_loaded", "wrong_number", "kept",
    ]  # fmt: skip
    assert [result.fate for result in results if isinstance(result, Dropped)] == [
        RowFate.DUPLICATE, RowFate.SUPPRESSED, RowFate.SUPPRESSED, RowFate.DUPLICATE, RowFate.SUPPRESSED,
    ]  # fmt: skip


def test_contacts_are_numbered_in_the_order_of_their_rows() -> None:
    results = sieve(solved=["B"]).sift([row(2, "A", "1"), row(3, "B", "2"), row(4, "C", "3")])
    assert [result.contact_id for result in results if isinstance(result, Kept)] == [100, 101]


sixteen = st.binary(min_size=16, max_size=16)


@given(st.lists(st.sets(sixteen | st.sampled_from([bytes(16), bytes(15) + b"\1", b"\xff" * 16])), max_size=8))
def test_keys_that_were_seen_are_found_and_no_others(batches: list[set[bytes]]) -> None:
    seen, model = SeenKeys(7), dict[bytes, int]()
    for number, batch in enumerate(batches):
        assert seen.among(sorted(batch)) == batch & set(model)
        fresh = sorted(batch - set(model))
        seen.add(fresh, [number + 7] * len(fresh))
        model |= dict.fromkeys(fresh, number + 7)
    assert len(seen) == len(model)
    written = [pair for part in seen.in_order(3) for pair in part]
    assert dict(written) == model
    assert [one for one, _ in written] == sorted(model)
