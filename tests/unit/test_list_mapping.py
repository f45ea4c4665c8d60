"""What columns are: guessed by their headers, remembered, checked."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.matter_data import TableProblem
from dialer.campaigns import CampaignKind
from dialer.imports import OrderFault, OrderRefused
from dialer.lists import Order, Requester
from dialer.lists_order import check_order
from dialer.mapping import ColumnMapping, ColumnUse, MappingFault, MappingRefused, Role
from dialer.mapping_guess import check, guess, propose
from dialer.rows_tables import DATA, load_places, load_words

NOW = datetime(2026, 11, 22, tzinfo=UTC)
WORDS = load_words(NOW)
HEADER = ("No", "NPWP", "Nama WP", "No. HP", "Catatan")


def roles(*header: str) -> list[str]:
    return [use.role.value for use in guess(header, WORDS).columns.values()]


def test_indonesian_and_english_headers_are_recognised() -> None:
    assert roles("No", "NPWP", "NAMA_WP", "No. Telp", "HP 2", "Kode KPP", "Provinsi", "Kelompok WP") == [
        "ignored", "npwp", "name", "number", "number", "office", "province", "group",
    ]  # fmt: skip
    assert roles("Tax ID", "Taxpayer name", "Mobile phone", "Time zone", "Group", "Fax") == [
        "npwp", "name", "number", "zone", "group", "ignored",
    ]  # fmt: skip


def test_of_two_columns_of_numbers_the_new_form_is_taken() -> None:
    assert roles("NPWP 15", "Nama", "NPWP 16") == ["ignored", "name", "npwp"]
    assert roles("NIK", "NPWP", "Nama") == ["npwp", "ignored", "name"]


def test_names_of_offices_and_words_that_only_begin_alike_are_not_taken() -> None:
    assert roles("Nama KPP", "Wajib Lapor", "Nama Kantor", "Nama") == [
        "ignored",
        "ignored",
        "ignored",
        "name",
    ]


def test_what_is_not_recognised_is_left_out() -> None:
    assert roles("Gaji", "Alamat", "E-mail") == ["ignored"] * 3


USED = ColumnMapping(
    {
        "NPWP": ColumnUse(Role.NPWP),
        "Nama WP": ColumnUse(Role.NAME),
        "No. HP": ColumnUse(Role.NUMBER),
        "Catatan": ColumnUse(Role.FIELD, "catatan", required=True),
    }
)


def test_what_was_used_before_is_proposed_also_in_another_order() -> None:
    header = ("Catatan", "No. HP", "NPWP", "Nama WP", "Nama Ibu", "Telp Kantor")
    proposed = propose(header, WORDS, USED)
    assert proposed is not None
    assert [proposed.columns[column].role.value for column in header] == [
        "field", "number", "npwp", "name", "ignored", "ignored",
    ]  # fmt: skip
    assert proposed.columns["Catatan"].required


def test_what_was_used_before_is_not_proposed_for_other_columns() -> None:
    assert propose(("No", "NIK", "Nama WP", "No. HP"), WORDS, USED) is not None  # the guess fills the gap
    assert propose(("A", "B", "C"), WORDS, USED) is None
    assert propose(HEADER, WORDS, None) is None


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"NPWP": ColumnUse(Role.IGNORED)}, MappingFault.NPWP_ONCE),
        ({"No": ColumnUse(Role.NPWP)}, MappingFault.NPWP_ONCE),
        ({"Nama WP": ColumnUse(Role.IGNORED)}, MappingFault.NAME_ONCE),
        ({"No. HP": ColumnUse(Role.IGNORED)}, MappingFault.NUMBER_NEEDED),
        ({"No": ColumnUse(Role.FIELD, "catatan")}, MappingFault.FIELD_NAME),
        ({"No": ColumnUse(Role.FIELD, "Nomor Urut")}, MappingFault.FIELD_NAME),
        ({"No": ColumnUse(Role.FIELD)}, MappingFault.FIELD_NAME),
        ({"Lain": ColumnUse(Role.NUMBER)}, MappingFault.NO_SUCH_COLUMN),
    ],
)
def test_a_mapping_that_cannot_be_used_is_told(changed: dict[str, ColumnUse], fault: MappingFault) -> None:
    check(USED, HEADER)
    with pytest.raises(MappingRefused) as refused:
        check(ColumnMapping({**USED.columns, **changed}), HEADER)
    assert refused.value.fault is fault


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("title", " ", OrderFault.MISSING),
        ("legal_basis", "x" * 501, OrderFault.TOO_LONG),
        ("source", "Dit PPh", OrderFault.SOURCE),
        ("kind", "lottery", OrderFault.UNKNOWN),
        ("cut_off", NOW.date().replace(day=23), OrderFault.CUT_OFF_TO_COME),
        ("expires_on", NOW.date().replace(day=21), OrderFault.EXPIRED),
    ],
)
def test_an_order_that_cannot_be_used_is_told(field: str, value: object, fault: OrderFault) -> None:
    today = NOW.date()
    values = {
        "title": "T", "requester": Requester.DIRECTORATE_REGULAR, "unit": "U", "order_number": "1",
        "legal_basis": "L", "cut_off": today, "expires_on": today, "source": "dit-pph",
        "kind": CampaignKind.BILLING.value,
    }  # fmt: skip
    check_order(Order(**values), today)  # type: ignore[arg-type]
    with pytest.raises(OrderRefused) as refused:
        check_order(Order(**{**values, field: value}), today)  # type: ignore[arg-type]
    assert (refused.value.field, refused.value.fault) == (field, fault)


def test_tables_with_mistakes_name_the_place(tmp_path: Path) -> None:
    text = (DATA / "places.yaml").read_text()
    (tmp_path / "places.yaml").write_text(text.replace('["001", "699", wib]', '["1", "699", wib]'))
    with pytest.raises(TableProblem, match="offices 1 to 699"):
        load_places(NOW, tmp_path)
    (tmp_path / "list_words.yaml").write_text("versions: []")
    with pytest.raises(TableProblem, match="no version"):
        load_words(NOW, tmp_path)
    assert "assumed: true" in text and "assumed: true" in (DATA / "list_words.yaml").read_text()
