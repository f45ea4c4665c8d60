"""The tables of proof: what is in force when, and mistakes that are told with file, row, field and remedy."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from desk.proof import Holder
from desk.proof_rules import DATA, ProofTableProblem, load_proof_tables
from domain.directory import ProofItem

SHIPPED = DATA.read_text(encoding="utf-8")


def test_a_queue_a_transfer_and_every_other_queue_ask_for_their_service() -> None:
    tables = load_proof_tables()
    found = {
        queue: tables.service_for(queue)
        for queue in (
            "efin",
            "efin/B",
            "taxpayer_data/C",
            "npwp_reactivation",
            "kup_information",
            "general",
            "",
        )
    }
    assert found == {
        "efin": "forgotten_efin",
        "efin/B": "forgotten_efin",
        "taxpayer_data/C": "data_change",
        "npwp_reactivation": "npwp_status",
        "kup_information": "information",
        "general": "information",
        "": "information",
    }


def test_who_forgot_the_efin_is_not_asked_for_it() -> None:
    for on in (date(2025, 6, 3), date(2026, 6, 3)):
        for holder in Holder:
            asked = load_proof_tables().asked("forgotten_efin", holder, on).items
            assert not {ProofItem.EFIN, ProofItem.AUTHORISATION_CODE} & set(asked)


def test_the_mother_is_never_asked_of_a_company_nor_the_representative_of_a_person() -> None:
    tables = load_proof_tables()
    for service in tables.services():
        for on in (date(2025, 6, 3), date(2026, 6, 3)):
            of_persons = tables.asked(service, Holder.PERSON, on).items
            of_companies = tables.asked(service, Holder.COMPANY, on).items
            assert ProofItem.REPRESENTATIVE not in of_persons
            assert not {ProofItem.MOTHER_NAME, ProofItem.BIRTH_DATE} & set(of_companies)


def test_what_is_assumed_is_marked() -> None:
    shipped = yaml.safe_load(SHIPPED)
    for table in shipped.values():
        for row in table:
            assert row["source"]
            assert row["assumed"] is True  # nobody has published which items, how often, from which day


def test_limits_are_dated(tmp_path: Path) -> None:
    later = "limits:\n  - {from: 2027-01-01, validations: 2, tries_per_item: 1, wrong_per_call: 1}\n"
    text = SHIPPED.replace("limits:\n", "limits:\n  # before\n", 1)
    rows = yaml.safe_load(text)
    rows["limits"] += yaml.safe_load(later)["limits"]
    path = tmp_path / "proof_items.yaml"
    path.write_text(yaml.safe_dump(rows), encoding="utf-8")
    tables = load_proof_tables(path)
    assert tables.limits(date(2026, 12, 31)).validations == 3
    assert tables.limits(date(2027, 1, 1)).validations == 2


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("validations: 3 ", "validations: none ", "limits, row 1: validations"),
        ("- item: efin", "- item: efim", "items, row 1: item"),
        ("until: 2025-12-31", "until: soon", "items, row 1: until"),
        ("queues: [token]", "queues: [efin]", "a queue is there twice"),
        ('queues: ["*"]', "queues: [anything]", "is missing"),
        ("- service: outbound ", "- service: outward ", "outbound is missing"),
        ("queues: [token]", "ques: [token]", "services, row 3: ques: no such field"),
        ("some_of: [birth_date, address, email, phone], count: 2", "some_of: [phone], count: 2", "too few"),
        ("all_of: [birth_date, address]", "all_of: [name, address]", "services, row 2: person"),
        ("limits:", "limit:", "expected the tables"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_remedy(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in SHIPPED
    path = tmp_path / "proof_items.yaml"
    path.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProofTableProblem) as caught:
        load_proof_tables(path)
    assert told in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProofTableProblem, match="cannot be read"):
        load_proof_tables(tmp_path / "none.yaml")


def test_a_table_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "proof_items.yaml"
    path.write_text(f"{SHIPPED}\nlimits: []\n", encoding="utf-8")
    with pytest.raises(ProofTableProblem, match="limits"):
        load_proof_tables(path)
