"""`kring campaigns`, as a person uses it."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dialer.leads import FollowUp, Lead, LeadState
from domain.zones import Zone
from ivr.hours_tables import load_office_hours
from service.cli import main
from service.page_ports import OfficeCalendar
from storage.database import Database
from storage.vault import Vault
from tests.storage.campaign_world import CampaignWorld

DEFINED = """\
title: SPT Tahunan 2025
kind: non_filer
script: non_filer
flow: outbound_agent
skill: outbound
pacing: progressive
control_share: 0.1
window: {opens: 08:00, closes: 16:00}
caps: {life: 4}
retry:
  busy: {attempts: 2, spacing: 45m}
"""
NUMBER, NPWP = "0811-0000-123", "3171015502900001"


def kring(*words: str, said: str | None = None) -> Result:
    return CliRunner().invoke(main, ["campaigns", *words], input=said)


def told(*words: str, said: str | None = None) -> str:
    result = kring(*words, said=said)
    assert result.exit_code == 0, result.output
    return result.output


def refused(*words: str, said: str | None = None) -> str:
    result = kring(*words, said=said)
    assert result.exit_code in (1, 2), result.output
    assert "Traceback" not in result.output
    return result.output


class Home:
    """An installation with its database, and the file that defines a campaign."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self._url = folder, url
        self.vault = Vault.create(folder / "secrets" / "master_key")
        self.file = folder / "campaign.yaml"
        self.file.write_text(DEFINED, encoding="utf-8")

    def __enter__(self) -> CampaignWorld:
        self._database = Database.open(self._url)
        return CampaignWorld(self._database, self.vault)

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def new_list(self, size: int) -> str:
        with self as world:
            return world.new_list(size, expires_on=date.today() + timedelta(days=400))  # noqa: DTZ011 - far off

    def created(self, leads: int = 0) -> str:
        campaign_id = told("create", str(self.file)).split(":")[0]
        if leads:
            assert f"{leads} leads" in told("add-list", campaign_id[:8], self.new_list(leads))
        return campaign_id


@pytest.fixture
def home(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("KRING_HOME", str(tmp_path))
    return Home(tmp_path, sqlite_url)


def next_working_day() -> date:
    calendar, day = OfficeCalendar(load_office_hours), datetime.now(UTC).date() + timedelta(days=2)
    while not calendar.works(day):
        day += timedelta(days=1)
    return day


def test_a_campaign_is_defined_listed_changed_and_copied(home: Home) -> None:
    campaign_id = home.created()
    assert "SPT Tahunan 2025" in told("list")
    shown = told("show", campaign_id[:6], "--yaml")
    assert "spacing: 45m" in shown
    # What is shown is what can be given back.
    home.file.write_text(shown.replace("most_lines: '30'", "most_lines: 55"), encoding="utf-8")
    assert "version 2" in told("change", campaign_id, str(home.file))
    assert "version 3" in told("change", campaign_id, "--set", "pacing=predictive", "--set", "caps.day=1")
    definition = json.loads(told("show", campaign_id, "--json"))["definition"]
    assert (definition["most_lines"], definition["pacing"], definition["caps"]["day"]) == (
        "55",
        "predictive",
        "1",
    )
    copied = told("copy", campaign_id, "Salinan").split(":")[0]
    rows = [json.loads(line) for line in told("list", "--json").splitlines()]
    assert {(row["campaign_id"], row["title"], row["state"]) for row in rows} == {
        (campaign_id, "SPT Tahunan 2025", "draft"),
        (copied, "Salinan", "draft"),
    }
    history = told("show", campaign_id)
    assert "changed: pacing caps" in history
    assert "cli:" in history


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("kind: non_filer", "kind: nonfiler", "line 2: kind", "nonfiler"),
        ("flow: outbound_agent", "flow: nothing", "line 4: flow", "nothing"),
        ("spacing: 45m", "spacing: 45", "line 10: retry.busy.spacing", "45"),
        ("title: SPT", "title: a\ntitle: SPT", "campaign.yaml:2", "twice"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_field_and_nothing_is_kept(
    home: Home, old: str, new: str, where: str, what: str
) -> None:
    home.file.write_text(DEFINED.replace(old, new), encoding="utf-8")
    output = refused("create", str(home.file))
    assert where in output
    assert what in output
    assert told("list", "--json") == ""


def test_a_campaign_is_started_paused_stopped_and_finished(home: Home) -> None:
    campaign_id = home.created()
    assert "lists" in refused("start", campaign_id)
    told("add-list", campaign_id, home.new_list(3))
    for verb, state in (
        ("start", "running"),
        ("pause", "paused"),
        ("stop", "stopped"),
        ("finish", "finished"),
    ):
        told(verb, campaign_id)
        assert json.loads(told("list", "--json"))["state"] == state
    assert "does not allow this" in refused("pause", campaign_id)
    assert "no campaign begins" in refused("start", "zzzz")
    assert "no campaign begins" in refused("start", "")


def test_a_list_is_added_once_and_only_if_it_is_there(home: Home) -> None:
    campaign_id, list_id = home.created(), home.new_list(2)
    assert "2 leads" in told("add-list", campaign_id, list_id)
    assert "list:" in refused("add-list", campaign_id, list_id)
    assert "list:" in refused("add-list", campaign_id, "nothing")


def test_the_dry_run_and_why_say_who_is_not_called(home: Home) -> None:
    campaign_id = home.created(leads=60)
    with home as world:
        leads = asyncio.run(_lease(world, campaign_id))
        # A lone number that ends in 0 could have lost its last digit in a spreadsheet, and is refused.
        filed, done, *_ = (one for one in leads if not one.contact.person.npwp.endswith("0"))
        asyncio.run(
            world.leads.settle(done.lead_id, FollowUp(LeadState.DONE, datetime.now(UTC), "promised_to_file"))
        )
    feed = home.folder / "djp-20260401.csv"
    feed.write_text(f"npwp;kind;period;date\n{filed.contact.person.npwp};filed;2025;2026-05-02\n")
    assert "1 outcomes are new, 0 were known" in told("outcomes", "import", str(feed))
    assert "0 outcomes are new, 1 were known" in told("outcomes", "import", str(feed))
    day = next_working_day().isoformat()
    report = json.loads(told("dry-run", campaign_id, "--day", day, "--json"))
    assert report["leads"] == 60
    assert report["refused"]["solved"] == 1
    assert report["done"] == {"promised_to_file": 1}
    assert report["called"] == 60 - 2 - report["refused"]["control_group"]
    text = told("dry-run", campaign_id, "--day", day)
    assert f"e.g. {filed.lead_id}" in text
    assert told("dry-run", campaign_id, "--day", day, "--reason", "solved") == f"{filed.lead_id}\n"
    assert "past" in refused("dry-run", campaign_id, "--day", "2020-01-01")
    assert "not called again" in told("why", str(done.lead_id))
    assert "[campaign_not_running]" in told("why", str(filed.lead_id))
    told("kill-switch", "on", "--reason", "uji")
    assert "[kill_switch]" in told("why", str(filed.lead_id))
    assert "no such lead" in refused("why", "999999")


async def _lease(world: CampaignWorld, campaign_id: str) -> Sequence[Lead]:
    now = datetime.now(UTC)
    return await world.leads.lease(campaign_id, set(Zone), now, 60, "e1", now + timedelta(seconds=1))


def test_a_feed_with_a_mistake_is_refused_as_a_whole_with_every_line_and_field(home: Home) -> None:
    feed = home.folder / "feed.csv"
    feed.write_text(
        "NPWP,Kind,Period,Date\n"
        f"{NPWP},filed,2025,2026-05-02\n"
        "3.17102E+15,filed,2025,2026-05-02\n"
        f"{NPWP},lapor,2025,2026-05-02\n"
        f"{NPWP},filed,25,2026-05-02\n"
        f"{NPWP},filed,2025,2.5.2026\n"
        f"{NPWP},filed,2025,2099-01-01\n"
        f"{NPWP}\n",
        encoding="utf-8-sig",
    )
    output = refused("outcomes", "import", str(feed))
    for start in (
        "line 3: npwp",
        "line 4: kind",
        "line 5: period",
        "line 6: date",
        "line 7: date",
        "line 8: kind",
    ):
        assert start in output
    assert "6 of 7 lines are wrong; nothing was taken in" in output
    assert NPWP not in output
    with home as world:
        assert (
            world.database.read_now(lambda c: c.exec_driver_sql("SELECT * FROM taxpayer_outcomes").all())
            == []
        )
    assert "1 outcomes are new" in told("outcomes", "import", str(feed), "--skip-wrong")
    feed.write_text("nomor;jenis\n", encoding="utf-8")
    assert "must name the columns" in refused("outcomes", "import", str(feed))
    feed.write_bytes(b"npwp,kind,period,date\n\xff\xfe")
    assert "not UTF-8" in refused("outcomes", "import", str(feed))


def test_a_number_is_asked_for_and_shown_masked(home: Home) -> None:
    output = told("suppress", "--what", "number", said=f"{NUMBER}\n")
    assert "…0123 is not called any more (do_not_call)" in output
    with home as world:
        assert world.database.read_now(
            lambda c: c.exec_driver_sql("SELECT key, why FROM suppressions").all()
        ) == [(world.key("number:628110000123"), "do_not_call")]
    lifted = told("unsuppress", "--what", "number", said=f"{NUMBER}\n")
    assert "…0123 may be called again" in lifted
    assert "added  do_not_call" in lifted
    assert "is not suppressed" in refused("unsuppress", "--what", "number", said=f"{NUMBER}\n")
    told("suppress", "--what", "npwp", said=f"{NPWP}\n")
    assert "…0002 is no NPWP" in refused("suppress", "--what", "npwp", said="9971015502900002\n")
    assert "is no number" in refused("suppress", "--what", "number", said="112\n")
    assert "no wrong number" in refused(
        "suppress", "--what", "npwp", "--why", "wrong_number", said=f"{NPWP}\n"
    )


def test_the_kill_switch_is_thrown_and_lifted_with_a_reason(home: Home) -> None:
    assert "is not thrown" in told("kill-switch", "show")
    assert "--reason" in refused("kill-switch", "on")
    assert "for the record" in refused("kill-switch", "on", "--reason", " ")
    told("kill-switch", "on", "--reason", "keluhan masyarakat")
    shown = kring("kill-switch", "show")
    assert shown.exit_code == 1
    assert "keluhan masyarakat" in shown.output
    assert "keluhan masyarakat" in told("list")
    told("kill-switch", "off")
    assert "is not thrown" in told("kill-switch", "show")
