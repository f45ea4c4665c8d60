"""What `kring doctor` finds of machine, calendar, floor, trunk and mail: severity and remedy of each."""

import os
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from acd.skills import Skillbook
from acd.tables_csv import DATA, load
from dialer.campaigns import Campaign, CampaignKind, CampaignState, Definition
from dialer.lists import Counts, ListState, Order, Requester, TaxpayerList
from ivr.hours import DayKind, DayOverride
from ivr.hours_tables import load_office_hours
from service import (
    checkup,
    checkup_calendar,
    checkup_floor,
    checkup_machine,
    checkup_mail,
    checkup_records,
    checkup_running,
)
from service.checkup_limits import limits
from service.settings import Settings, load_settings
from web.checkup_port import Finding, Severity
from web.checkup_texts import tell

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"KRING_HOME": str(tmp_path), "KRING_CACHE": str(tmp_path / "cache")})


def said(findings: Sequence[Finding], about: str) -> list[tuple[Severity, str]]:
    return [(one.severity, tell(one, "en").found) for one in findings if one.about == about]


def test_a_check_that_breaks_does_not_hide_the_others(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Settings) -> list[Finding]:
        raise RuntimeError("0812-9999-7777")

    monkeypatch.setattr(checkup, "CHECKS", (broken, checkup_machine.open_files))
    first, second = checkup.look(settings)
    assert (first.code, first.severity) == ("check_broken", Severity.WRONG)
    assert "0812" not in str(first)
    assert second.about == "open_files"


def test_old_and_missing_backups_are_told(settings: Settings, tmp_path: Path) -> None:
    [unnamed] = checkup_machine.backups(settings)
    assert (unnamed.severity, "KRING_BACKUP_FOLDER" in str(tell(unnamed, "id").remedy)) == (
        Severity.WARNING,
        True,
    )
    folder = tmp_path / "backups"
    folder.mkdir()
    named = replace(settings, backup_folder=folder)
    assert said(list(checkup_machine.backups(named)), "backups")[0][0] is Severity.WRONG
    copy = folder / "kring.db"
    copy.write_text("")
    assert said(list(checkup_machine.backups(named)), "backups")[0][0] is Severity.GOOD
    old = time.time() - (limits().backup_hours + 1) * 3600
    os.utime(copy, (old, old))
    assert said(list(checkup_machine.backups(named)), "backups")[0][0] is Severity.WRONG


def test_a_secret_that_others_may_read_is_found(settings: Settings, tmp_path: Path) -> None:
    secret = tmp_path / "mail"
    secret.write_text("x")
    secret.chmod(0o644)
    named = replace(settings, report_mail_secret_file=secret)
    [found] = checkup_machine.secret_files(named)
    assert (found.severity, tell(found, "en").remedy) == (Severity.WRONG, f"chmod 600 {secret}")
    secret.chmod(0o600)
    assert [one.severity for one in checkup_machine.secret_files(named)] == [Severity.GOOD]


def test_too_few_ports_for_sound_are_found(settings: Settings) -> None:
    assert [one.severity for one in checkup_machine.sound_ports(settings)] == [Severity.GOOD]
    narrow = replace(settings, rtp_last=settings.rtp_first + 99)
    assert [one.severity for one in checkup_machine.sound_ports(narrow)] == [Severity.WARNING]


def test_the_years_holidays_and_ramadan_are_looked_for() -> None:
    hours = load_office_hours()
    found = list(checkup_calendar.calendar(hours, date(2026, 11, 23)))
    assert [severity for severity, _ in said(found, "holidays")] == [Severity.GOOD, Severity.WARNING]
    assert [severity for severity, _ in said(found, "ramadan")] == [Severity.NOTE, Severity.NOTE]
    far = list(checkup_calendar.calendar(hours, date(2040, 3, 1)))
    assert [severity for severity, _ in said(far, "ramadan")] == [Severity.WRONG]
    eve = DayOverride(date(2026, 12, 24), DayKind.HOLIDAY, "contoh")
    told = said(list(checkup_calendar.calendar(hours.with_overrides([eve]), date(2026, 11, 23))), "days")
    assert told == [(Severity.GOOD, "1 days to come differ from the national calendar")]


def book(competences: str, languages: str = "id en") -> Skillbook:
    texts = {
        name: (DATA / f"{name}.csv").read_text("utf-8")
        for name in ("skills", "rings", "pause_reasons", "requirements")
    }
    agents = (
        f"agent,on_air_name,team,languages\n90000001,Contoh,alfa,{languages}\n90000002,Contoh Dua,alfa,id\n"
    )
    rows = f"agent,skill,tier,level,expires\n{competences}"
    return load({**texts, "agents": agents, "competences": rows})


def test_agents_without_competences_and_competences_that_end_are_counted() -> None:
    found = list(
        checkup_floor.agents(book("90000001,efin,B,3,2026-12-01\n90000001,general,B,3,2026-01-01\n"), NOW)
    )
    assert said(found, "agents") == [(Severity.WARNING, "1 of 2 agents can be chosen for nothing")]
    assert [severity for severity, _ in said(found, "competences")] == [Severity.WARNING, Severity.NOTE]
    assert all("90000001" not in str(one) for one in found)
    [nobody] = checkup_floor.agents(load({}), NOW)
    assert nobody.severity is Severity.WARNING


def test_queues_that_nobody_can_serve_are_named() -> None:
    some = list(checkup_floor.queues(book("90000001,efin,B,3,\n"), NOW))
    assert [severity for severity, _ in said(some, "queues")] == [Severity.WRONG]
    assert said(some, "queues")[0][1].startswith("nobody can serve ")
    every = "".join(
        f"90000001,{skill},C,{book('').skills[skill].levels},\n"  # the tier that every queue comes to
        for skill in {row.skill for row in book("").requirements.values()}
    )
    assert [one.severity for one in checkup_floor.queues(book(every), NOW)] == [Severity.GOOD]
    [english] = checkup_floor.queues(book(every, "id"), NOW)
    assert (english.severity, english.code) == (Severity.WARNING, "queues_no_english")


def test_running_campaigns_without_agents_and_with_old_lists_are_told() -> None:
    definition = Definition("Contoh", CampaignKind.NON_FILER, "non_filer", "outbound_agent")
    campaign = Campaign("c" * 32, definition, 1, CampaignState.RUNNING, ("l" * 32,), "s" * 32, NOW, NOW)
    order = Order("x", next(iter(Requester)), "x", "x", "x", date(2026, 1, 1), date(2026, 11, 1), "x")
    old = TaxpayerList("l" * 32, order, ListState.APPROVED, Counts(), {}, "s" * 32, NOW)
    found = list(checkup_floor.campaigns([campaign], [old], book("90000001,efin,B,3,\n"), NOW))
    assert [severity for severity, _ in said(found, "campaigns")] == [Severity.WARNING]
    assert [severity for severity, _ in said(found, "lists")] == [Severity.WARNING]
    able = book("90000001,outbound,A,3,\n")
    new = replace(old, order=replace(order, expires_on=date(2026, 11, 25)))
    found = list(checkup_floor.campaigns([campaign], [new], able, NOW))
    assert [severity for severity, _ in said(found, "campaigns")] == [Severity.GOOD]
    assert [severity for severity, _ in said(found, "lists")] == [Severity.NOTE]


def test_a_trunk_is_asked_by_options(settings: Settings) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.bind(("127.0.0.1", 0))
        far.settimeout(20)
        heard: list[bytes] = []

        def answer() -> None:
            asked, whose = far.recvfrom(65_535)
            heard.append(asked)
            far.sendto(b"SIP/2.0 200 OK\r\n\r\n", whose)

        helper = threading.Thread(target=answer)
        helper.start()
        named = replace(settings, outbound=f"127.0.0.1:{far.getsockname()[1]}")
        found = said(list(checkup_running.trunk(named)), "outbound")
        helper.join()
    assert [severity for severity, _ in found] == [Severity.GOOD]
    assert heard[0].startswith(b"OPTIONS sip:127.0.0.1")


def test_a_trunk_and_a_mail_server_that_are_not_there_are_told(settings: Settings) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    gone = replace(
        settings, outbound=f"127.0.0.1:{port}", report_mail_host="127.0.0.1", report_mail_port=port
    )
    assert [severity for severity, _ in said(list(checkup_running.trunk(gone)), "outbound")] == [
        Severity.WARNING
    ]
    assert [one.severity for one in checkup_mail.mail(gone)] == [Severity.WRONG]
    assert [one.severity for one in checkup_mail.mail(settings)] == [Severity.NOTE]


def test_proofs_that_prove_nothing_are_told() -> None:
    [found] = checkup_records.doubles()
    assert (found.about, found.severity) == ("proofs", Severity.WARNING)
    assert "ProofMeans" in str(tell(found, "id").remedy)
