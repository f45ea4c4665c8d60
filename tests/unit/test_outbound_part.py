"""The dialer joined: pacers, room on the disk, metrics, settings, and what its commands print."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from prometheus_client import CollectorRegistry, generate_latest

from dialer.attempts import DialOutcome
from dialer.campaigns import Pacing
from dialer.engine_ports import CampaignLook, EngineLook
from dialer.pacing.predictive import Predictive
from dialer.pacing.progressive import Progressive
from dialer.reasons import WhyNot
from domain.clock import SystemClock
from service.commands.dialer import command
from service.dialer_metrics import DialerMetrics
from service.outbound_ledger import CelLedger, read_rows
from service.outbound_part import LEAST_ROOM, has_room, new_pacer
from service.pacing_memory import PacingMemory
from service.secrets import asterisk_settings
from service.settings import SettingsError, load_settings
from storage.database import Database
from storage.vault import Vault
from tests.unit.engine_world import campaign

A, B = "a" * 32, "b" * 32


def test_each_campaign_is_paced_as_it_says(tmp_path: Path) -> None:
    memory = PacingMemory(tmp_path, SystemClock())
    assert isinstance(new_pacer(memory, campaign(pacing=Pacing.PREDICTIVE)), Predictive)
    for pacing in (Pacing.PROGRESSIVE, Pacing.PREVIEW, Pacing.AGENTLESS):
        assert isinstance(new_pacer(memory, campaign(pacing=pacing)), Progressive)
    # A limit that cannot be kept is no reason to dial without one.
    assert isinstance(new_pacer(memory, campaign(pacing=Pacing.PREDICTIVE, abandon_limit=0.0)), Progressive)


def test_there_must_be_room_on_the_disk(tmp_path: Path) -> None:
    assert has_room(tmp_path, lambda _: LEAST_ROOM)
    assert not has_room(tmp_path, lambda _: LEAST_ROOM - 1)
    assert has_room(tmp_path)
    assert not has_room(tmp_path / "gone")


def test_the_dialer_is_counted() -> None:
    registry = CollectorRegistry()
    metrics = DialerMetrics(registry)
    metrics.look_at(
        lambda: EngineLook(
            "running", None, (), True, 3, (CampaignLook("c1", 0, 2, 0, 1, 4, (), "as many as are free"),)
        )
    )
    metrics.dialled()
    metrics.answered()
    metrics.ended(DialOutcome.BUSY)
    metrics.ended(None)
    metrics.refused(WhyNot.RESTING)
    text = generate_latest(registry).decode()
    for line in (
        "kring_dials_total 1.0",
        "kring_dial_answers_total 1.0",
        'kring_dial_ends_total{outcome="busy"} 1.0',
        'kring_dial_ends_total{outcome="flagged"} 1.0',
        'kring_dial_refusals_total{why="resting"} 1.0',
        'kring_dial_lines{stage="ringing"} 2.0',
        'kring_dialer_state{state="running"} 1.0',
        'kring_dialer_state{state="paused"} 0.0',
    ):
        assert line in text


def test_at_any_hour_only_a_trunk_on_this_machine_is_called(tmp_path: Path) -> None:
    here = {"KRING_HOME": str(tmp_path), "KRING_OUTBOUND_HOURS": "always"}
    assert load_settings({**here, "KRING_OUTBOUND": "127.0.0.5:5060"}).outbound_hours == "always"
    with pytest.raises(SettingsError, match="outbound_hours = always: only with a trunk on this machine"):
        load_settings({**here, "KRING_OUTBOUND": "192.0.2.10:5060"})
    legal = load_settings({"KRING_HOME": str(tmp_path), "KRING_OUTBOUND_LINES": "7"})
    secrets = _Secrets()
    rendered = asterisk_settings(legal, secrets)  # type: ignore[arg-type]
    assert (rendered.outbound_hours, rendered.outbound_lines) == ((8, 18), 7)


class _Secrets:
    ari_password = ami_password = "a-long-password"


def test_the_ledger_is_read_as_asterisk_writes_it() -> None:
    text = "\n".join(
        [
            f'1795342159.058010,DIAL,out-{A};2,"{{""extra"":""""}}"',
            f'1795342159.267220,END,out-{A};2,"{{""extra"":""BUSY/486017""}}"',
            f'1795342160.000000,END,out-{B};2,"{{""extra"":""CANCEL/0""}}"',
            '1795342161.000000,END,leg-0815;2,"{""extra"":""BUSY/486017""}"',
            f"1795342162.000000,END,out-{A}",
        ]
    )
    assert [(row.what, row.attempt_id, row.status, row.cause) for row in read_rows(text)] == [
        ("DIAL", A, "", 0),
        ("END", A, "BUSY", 486017),
        ("END", B, "CANCEL", 0),
    ]


async def test_a_full_ledger_is_put_aside_and_still_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "outbound.csv"
    ledger = CelLedger(path)
    assert await ledger.ends([A]) == {}
    path.write_text(f'1.5,END,out-{A};2,"{{""extra"":""BUSY/486017""}}"\n')
    ledger.put_aside()
    assert path.exists()
    monkeypatch.setattr("service.outbound_ledger.FULL", 10)
    ledger.put_aside()
    assert not path.exists()
    path.write_text(f'2.5,END,out-{B};2,"{{""extra"":""CANCEL/0""}}"\n')
    ends = await ledger.ends([A, B])
    assert (ends[A].sip_code, ends[A].cause, ends[B].sip_code) == (486, 17, 997)


@pytest.mark.parametrize(
    ("told", "cause", "sip_code", "by_far_end"),
    [
        ("CANCEL/0/", 0, 997, False),
        ("CANCEL/127/487", 127, 487, False),
        ("CANCEL/17/486", 17, 486, False),
        ("BUSY/486017/486", 17, 486, True),
        ("NOANSWER/19/480", 19, 480, True),  # hung up before the guard's step that tells the code
        ("CHANUNAVAIL/127/487", 127, 487, True),
        ("BUSY/0/", 0, 302, True),
        ("BUSY/302023/", 23, 302, True),
        ("NOANSWER/19/", 19, 0, True),
        ("/992021/", 21, 992, False),
        ("ANSWER/16/200", 16, 0, False),
        ("ANSWER/996016/200", 16, 996, False),
    ],
)
async def test_the_ledger_tells_who_ended_a_call_and_with_what_word(
    tmp_path: Path, told: str, cause: int, sip_code: int, by_far_end: bool
) -> None:
    path = tmp_path / "outbound.csv"
    path.write_text(f'1.5,END,out-{A};2,"{{""extra"":""{told}""}}"\n')
    end = (await CelLedger(path).ends([A]))[A]
    assert (end.cause, end.sip_code, end.by_far_end) == (cause, sip_code, by_far_end)
    assert end.answered is told.startswith("ANSWER")


def test_commands_of_an_installation_that_never_dialled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KRING_HOME", str(tmp_path))
    (tmp_path / "secrets").mkdir()
    Vault.create(tmp_path / "secrets" / "master_key")
    Database.open(f"sqlite:///{tmp_path / 'kring.db'}").close()
    status = CliRunner().invoke(command, ["status"])
    assert status.exit_code == 0, status.output
    assert "Nobody dials" in status.output
    assert "Unfinished attempts: 0" in status.output
    assert "None is flagged." in CliRunner().invoke(command, ["flagged"]).output
    assert "No attempt." in CliRunner().invoke(command, ["attempts"]).output
