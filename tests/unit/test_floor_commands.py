"""The commands `kring agent` and `kring acd`, through the real API, over a floor in a test's hands."""

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import uvicorn
from click.testing import CliRunner, Result

from acd.explain import Explanation
from acd.requests import (
    Actor,
    Barge,
    Consult,
    EndWrapUp,
    Force,
    Listen,
    Pause,
    Refused,
    Request,
    Role,
    SignIn,
    StopListening,
    Target,
)
from acd.skills import Tier
from domain.calls import Call
from domain.floor_log import EntryRow, FloorRow, LegRow, OfferRow, Phase, SupervisionRow
from service.cli import main
from service.floor_client import FloorClient, user
from service.parts import listen
from service.settings import load_settings
from storage.call_log import DurableCallLog
from storage.database import Database
from storage.floor_log import DurableFloorLog
from storage.vault import Vault
from tests.real_asterisk import free_port
from tests.web.account_double import AccountsDouble
from tests.web.app_parts import SECRET, application
from tests.web.floor_double import AGENT, TALK, FloorDouble, agent_view
from web.accounts_api import add_account_routes
from web.floor_api import add_floor_routes

SUPERVISOR = "90000009"


class _Running:
    """The web application on a port of its own, in a thread with a loop of its own."""

    def __init__(self, home: Path) -> None:
        self.floor, self.accounts, self.home = FloorDouble(), AccountsDouble(), home
        self._socket = listen("127.0.0.1", 0)
        self.port = self._socket.getsockname()[1]
        accounts = partial(add_account_routes, accounts=self.accounts)
        self._app = application([add_floor_routes, accounts], floor=self.floor)
        config = uvicorn.Config(
            self._app,
            log_config=None, lifespan="off", timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        await self._server.serve(sockets=[self._socket])

    def stop(self) -> None:
        self._server.should_exit = True
        self.loop.call_soon_threadsafe(self._app.state.close)
        self._thread.join()

    def kring(self, *words: str) -> Result:
        env = {
            "KRING_HOME": str(self.home),
            "KRING_WEB_PORT": str(self.port),
            "KRING_LANGUAGE": "en",
            "SUDO_USER": "sari",
        }
        return CliRunner().invoke(main, list(words), env=env)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Running]:
    home = tmp_path_factory.mktemp("home")
    (home / "secrets").mkdir()
    (home / "secrets" / "floor_token").write_text(SECRET + "\n")
    running = _Running(home)
    yield running
    running.stop()


@pytest.fixture
def running(service: _Running) -> _Running:
    service.floor.begin_anew()  # the routes hold on to this one
    service.accounts.kept.clear()
    return service


@pytest.mark.parametrize(
    ("words", "request_"),
    [
        (["sign-in"], SignIn(AGENT)),
        (["pause", "prayer"], Pause(AGENT, "prayer")),
        (["wrap-up", "end"], EndWrapUp(AGENT)),
        (["consult", "skill:efin/B"], Consult(AGENT, Target(skill="efin", tier=Tier.B))),
        (["whisper", "--supervisor", SUPERVISOR], Listen(AGENT, SUPERVISOR, whisper=True)),
        (["take-over", "--supervisor", SUPERVISOR], Barge(AGENT, SUPERVISOR, take_over=True)),
        (["stop", "--supervisor", SUPERVISOR], StopListening(AGENT, SUPERVISOR)),
        (["force", "paused", "--reason", "meeting"], Force(AGENT, "paused", "meeting")),
    ],
)
def test_a_command_makes_its_request_in_the_users_name(
    running: _Running, words: list[str], request_: Request
) -> None:
    result = running.kring("agent", *words, "--agent", AGENT)
    assert result.exit_code == 0, result.output
    assert running.floor.asked == [(Actor("sari", Role.SUPERVISOR), request_)]
    assert result.output.startswith("Done. 90000001 Melati: paused")


def test_every_request_of_the_floor_has_a_command() -> None:
    from typing import get_args

    import service.commands.agent as commands

    assert {kind.__name__ for kind in get_args(Request)} <= set(vars(commands))


def test_a_refusal_is_told_in_the_language_of_the_installation(running: _Running) -> None:
    running.floor.refuse = Refused("bad_target", "")
    result = running.kring("agent", "ready", "--agent", AGENT)
    assert result.exit_code == 1
    assert "Error: The target is not understood." in result.output


def test_a_bad_target_is_refused_before_anything_is_asked(running: _Running) -> None:
    result = running.kring("agent", "transfer", "efin", "--agent", AGENT)
    assert result.exit_code == 2
    assert "queue:NAME" in result.output
    assert running.floor.asked == []


def test_agents_are_listed_aligned_and_without_colours_when_piped(running: _Running) -> None:
    running.floor.view["90000002"] = agent_view(
        "90000002", declared="ready", observed="talking", queue="efin"
    )
    running.floor.view["90000003"] = agent_view("90000003", declared="signed_out")
    lines = running.kring("acd", "agents").output.splitlines()
    assert len(lines) == 3
    assert lines[0].split()[:2] == ["Agent", "On-air"]
    assert lines[1].index("paused") == lines[2].index("ready")
    assert "\x1b" not in "".join(lines)
    assert len(running.kring("acd", "agents", "--all").output.splitlines()) == 4


def test_who_is_lent_to_outbound_work_is_shown_and_why(running: _Running) -> None:
    running.floor.change(AGENT, declared="ready", lent="outbound/A")
    head, row = running.kring("acd", "agents").output.splitlines()
    place = head.index("Lent to")
    assert row[place:].startswith("outbound/A")
    assert running.kring("acd", "blending").output.startswith("lending: 2 more may be borrowed")


def test_queues_and_talks_are_listed(running: _Running) -> None:
    heads, queue = running.kring("acd", "queues").output.splitlines()
    assert queue.split() == ["efin", "id", "3", "1", "0:42", "1:35", "0", "4", "2"]
    assert heads.endswith("Talking")
    talk = json.loads(running.kring("acd", "talks", "--json").output)
    assert talk["call_id"] == TALK.call_id
    running.floor.waiting = []
    assert running.kring("acd", "queues").output == "None.\n"


CALL = "0197" + "c" * 28
START = datetime(2026, 3, 31, 2, 0, tzinfo=UTC)


def _rows() -> list[FloorRow]:
    def at(seconds: float) -> datetime:
        return START + timedelta(seconds=seconds)

    leg = "leg-" + "e" * 32
    return [
        EntryRow(CALL, START, "efin", "id", START),
        OfferRow(7, at(62), CALL, AGENT, leg, 1, 62.0),
        LegRow(leg, 1, at(62), CALL, AGENT, Phase.RING),
        OfferRow(7, at(66), CALL, AGENT, leg, 1, 62.0, "accepted"),
        EntryRow(CALL, at(66), "efin", "id", START, "answered"),
        SupervisionRow(at(100), SUPERVISOR, "listen", AGENT, CALL),
        LegRow(leg, 2, at(190), CALL, AGENT, Phase.TALK, 124.0, "caller_hung_up"),
        LegRow(leg[::-1], 1, at(210), CALL, SUPERVISOR, Phase.RING, 20.0, "missed"),
    ]


async def _record(home: Path) -> None:
    vault = Vault.create(home / "secrets" / "master_key")
    database = Database.open(f"sqlite:///{home / 'kring.db'}")
    loop = asyncio.get_running_loop()
    calls, floor = DurableCallLog(database, vault, loop), DurableFloorLog(database, loop)
    await calls.open(Call(CALL, "channel-1", "1500200", None, "v1", START), [])
    await floor.write(_rows())
    await calls.close()
    await floor.close()
    database.close()


@pytest.fixture(scope="module")
def recorded(service: _Running) -> None:
    asyncio.run(_record(service.home))


@pytest.mark.usefixtures("recorded")
def test_a_call_is_explained_by_its_way_over_the_floor_and_by_where_it_waits_now(running: _Running) -> None:
    waits = Explanation(CALL, "efin", "id", "efin", "waiting", 42.0, 0, 2, 0, None, (), ())
    running.floor.explanation = waits
    lines = running.kring("acd", "explain", CALL[:12]).output.splitlines()
    assert lines[:2] == [
        "2026-03-31 09:00:00  Entered the queue efin (language id)",
        f"2026-03-31 09:01:02  Offer 7 to agent {AGENT}, ring 1, after waiting 1:02",
    ]
    assert f"{SUPERVISOR}: listen on agent {AGENT}" in lines[4]
    assert lines[5].endswith(f"Agent {AGENT}: talk 2:04 (the caller hung up)")
    assert lines[6].endswith(f"Agent {SUPERVISOR}: rung 0:20, asked for by name (not answered)")
    assert "2 call(s) of its kind ahead; ring 0 is open." in lines


@pytest.mark.usefixtures("recorded")
def test_a_call_that_is_over_is_explained_without_the_service(running: _Running) -> None:
    env = {"KRING_HOME": str(running.home), "KRING_WEB_PORT": str(free_port()), "KRING_LANGUAGE": "id"}
    result = CliRunner().invoke(main, ["acd", "explain", CALL, "--json"], env=env)
    told = json.loads(result.output)
    assert told["now"] is None
    assert [row["row"] for row in told["path"]].count("LegRow") == 3
    result = CliRunner().invoke(main, ["acd", "explain", CALL], env=env)
    assert "Keluar dari antrean efin: dijawab" in result.output


@pytest.mark.usefixtures("recorded")
def test_an_unknown_call_is_not_explained(running: _Running) -> None:
    result = running.kring("acd", "explain", "ffff")
    assert result.exit_code == 1
    assert "No call has this id" in result.output


def test_changes_arrive_over_the_line_as_they_happen(
    running: _Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KRING_HOME", str(running.home))
    monkeypatch.setenv("KRING_WEB_PORT", str(running.port))
    client = FloorClient(load_settings())
    changes = client.changes()
    next(changes)
    running.loop.call_soon_threadsafe(lambda: running.floor.change(AGENT, declared="ready"))
    next(changes)
    assert client.rows("agents")[0]["declared"] == "ready"
    changes.close()  # type: ignore[attr-defined]


def test_an_account_is_made_shown_once_listed_and_revoked(running: _Running) -> None:
    made = running.kring("agent", "account", "create", AGENT).output
    assert "secret-shown-once" in made
    assert "127.0.0.1:5060 (UDP)" in made
    listed = running.kring("agent", "account", "list").output
    assert listed.split()[-6:] == ["a" + "1" * 15, AGENT, "desk", "reachable", "2026-01-05", "08:30:00"]
    assert "secret" not in listed
    assert "is revoked" in running.kring("agent", "account", "revoke", "a" + "1" * 15).output
    assert "revoked" in running.kring("agent", "account", "list", "--all").output
    assert running.kring("agent", "account", "list", "--json").output == ""


def test_a_browsers_account_says_where_the_page_connects(running: _Running) -> None:
    made = running.kring("agent", "account", "create", AGENT, "--kind", "browser").output
    assert "wss://127.0.0.1:8089/ws" in made


@pytest.mark.parametrize("words", [["create", "90000077"], ["revoke", "a" + "2" * 15], ["revoke", "nobody"]])
def test_an_account_that_cannot_be_is_refused(running: _Running, words: list[str]) -> None:
    result = running.kring("agent", "account", *words)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert running.accounts.kept == {}


def test_without_the_service_the_remedy_is_named(running: _Running) -> None:
    env = {"KRING_HOME": str(running.home), "KRING_WEB_PORT": str(free_port())}
    result = CliRunner().invoke(main, ["acd", "agents"], env=env)
    assert result.exit_code == 1
    assert "start it (make run)" in result.output


def test_without_the_token_the_remedy_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["acd", "agents"], env={"KRING_HOME": str(tmp_path)})
    assert result.exit_code == 1
    assert "floor_token: cannot be read" in result.output


def test_with_another_token_the_remedy_is_named(running: _Running, tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "floor_token").write_text("other")
    env = {"KRING_HOME": str(tmp_path), "KRING_WEB_PORT": str(running.port)}
    result = CliRunner().invoke(main, ["acd", "agents"], env=env)
    assert result.exit_code == 1
    assert "restart the service" in result.output


def test_the_user_is_named_in_a_form_that_the_record_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "sari putri/7")
    assert user() == "sari_putri_7"


def test_the_api_is_described_for_people_and_for_programs(running: _Running) -> None:
    for_people = running.kring("api", "describe")
    assert "| `POST /api/floor/requests` | floor_supervise | Make a request" in for_people.output
    for_programs = json.loads(running.kring("api", "describe", "--json").output)
    assert "/api/floor/requests" in for_programs["paths"]
