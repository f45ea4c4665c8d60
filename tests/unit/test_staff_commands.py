"""`kring staff`, the first administrator, and what the operator reads about them."""

import asyncio
import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner, Result

from domain.staff import Staff, StaffRole
from service import staff_part
from service.banner import banner
from service.cli import main
from service.first_sign_in import FILE, first_sign_in, forget_first_sign_in, make_first_administrator
from service.settings import Settings, load_settings
from service.staff_part import works_on_floor
from storage.acd_tables import AcdTables
from storage.database import Database
from storage.vault import Vault
from tests.web.floor_double import AGENT, FloorDouble
from web.operations import Line
from web.sign_in_passwords import Passwords


class Installation:
    """A home folder with secrets and a database."""

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / "secrets").mkdir(mode=0o700)
        self.vault = Vault.create(home / "secrets" / "master_key")
        self.settings: Settings = load_settings({"KRING_HOME": str(home)})

    def database(self) -> Database:
        return Database.open(self.settings.database)

    def kring(self, *words: str) -> Result:
        env = {"KRING_HOME": str(self.home), "SUDO_USER": "budi", "KRING_LANGUAGE": "en"}
        return CliRunner().invoke(main, ["staff", *words], env=env)

    def json(self, *words: str) -> list[dict[str, object]]:
        result = self.kring(*words, "--json")
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(staff_part, "Passwords", lambda: Passwords(cheap))
    return Installation(tmp_path)


SARI = ("create", "sari", "--name", "Sari", "--role", "agent", "--number", "90000001", "--team", "alfa")


def test_somebody_is_made_listed_changed_and_shut_out(installation: Installation) -> None:
    made = installation.json(*SARI)
    assert made[0]["user_name"] == "sari"
    assert len(str(made[0]["password"])) == 19
    listed = installation.json("list")
    assert listed == [{key: value for key, value in made[0].items() if key != "password"}]
    assert installation.kring("roles", "sari", "agent", "quality").output == "sari: agent, quality\n"
    assert installation.json("reset", "sari")[0]["password"] != made[0]["password"]
    assert installation.kring("disable", "sari").output == "sari is shut out.\n"
    assert installation.json("list")[0]["disabled"] is True
    installation.kring("disable", "sari", "--enable")
    assert installation.json("list")[0]["disabled"] is False


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("create", "Sari P", "--name", "S", "--role", "auditor"), "user_name: 2 to 40 small letters"),
        (("create", "sari", "--name", "S", "--role", "agent"), "number: an agent needs a staff number"),
        (
            ("create", "budi", "--name", "B", "--role", "agent", "--number", "90000001"),
            "number: somebody else",
        ),
        (("reset", "nobody"), "There is no such user; look at: kring staff list"),
        (("roles", "sari", "team_leader", "--team", ""), "team: a team leader needs a team"),
    ],
)
def test_what_cannot_be_is_refused_with_the_remedy(
    installation: Installation, words: tuple[str, ...], said: str
) -> None:
    if words[1] != "sari" or words[0] == "roles":
        installation.json(*SARI)
    before = installation.json("list")
    result = installation.kring(*words)
    assert result.exit_code == 1
    assert said in result.output
    assert installation.json("list") == before


def test_changes_are_listed_undone_and_refused_with_the_remedy(installation: Installation) -> None:
    installation.json(*SARI)
    installation.kring("roles", "sari", "agent", "quality", "--team", "beta")
    installation.json("reset", "sari")
    reset, changed, made = installation.json("changes", "sari")
    assert [row["act"] for row in (reset, changed, made)] == ["password_reset", "changed", "made"]
    assert (changed["who"], changed["refused"], reset["refused"]) == ("cli:budi", "", "undo_never")
    line = installation.kring("changes", "sari").output.splitlines()[1]
    assert "cli:budi  sari  changed  roles: agent → agent quality; team: alfa → beta" in line
    number = str(changed["number"])
    tried = installation.kring("undo", number, "--dry-run")
    assert tried.output.splitlines()[-1] == "Nothing was changed."
    assert installation.json("list")[0]["team"] == "beta"
    undone = installation.kring("undo", number, "--why", "keliru")
    assert "sari: team: beta → alfa" in undone.output
    assert installation.json("list")[0]["roles"] == ["agent"]
    assert "keliru  undoes " + number in installation.kring("changes").output.splitlines()[0]
    for asked, said in ((number, "it was undone already"), (str(reset["number"]), "shut out with"),
                        ("999", "There is no such change; look at: kring staff changes")):  # fmt: skip
        refused = installation.kring("undo", asked)
        assert (refused.exit_code, said in refused.output) == (1, True), refused.output


GOOD = "user_name,display_name,roles,number,team,language\nsari,Sari,agent,90000001,alfa,id\n"


def test_a_file_is_imported_whole(installation: Installation, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(GOOD + "ketua,Ketua,team_leader quality,,alfa,en\n", "utf-8")
    made = installation.json("import", str(file))
    assert [(one["user_name"], one["roles"]) for one in made] == [
        ("sari", ["agent"]), ("ketua", ["quality", "team_leader"]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD + "budi,Budi,agent,90000001,alfa,id\n", "row 3: number '…0001': somebody else has this"),
        (GOOD + "\nbudi,Budi,boss,,alfa,id\n", "row 4: roles 'boss': write at least one of agent"),
        (GOOD + "budi,Budi,auditor\n", "row 3: 3 cells; write 6"),
        (GOOD.replace("roles", "role"), "row 1: the headings must be user_name,display_name"),
        ("user_name,display_name,roles,number,team,language\n", "row 2: there is nobody"),
        ("", "row 1: the headings"),
        (GOOD + '"budi,Budi', "no CSV"),
    ],
)
def test_a_file_with_a_mistake_makes_nobody(
    installation: Installation, tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(text, "utf-8")
    result = installation.kring("import", str(file))
    assert result.exit_code == 1
    assert "Nobody was made." in result.output
    assert said in result.output
    assert "90000001" not in result.output
    assert installation.json("list") == []


def test_a_newcomer_gets_sign_ins_for_the_example_agents(installation: Installation) -> None:
    result = installation.kring("demo")
    assert result.exit_code == 0, result.output
    assert "agen1001" in result.output
    assert "masuk" in result.output
    database = installation.database()
    number, _ = _book(database, installation.vault)
    database.close()
    assert number == 1, "the example tables are in force"
    roles = {str(one["user_name"]): one["roles"] for one in installation.json("list")}
    assert roles == {
        **{f"agen100{n}": ["agent"] for n in range(1, 6)},
        "ketua": ["team_leader"],
        "supervisor": ["supervisor"],
        "manajer": ["campaign_manager"],
        "perencana": ["planner"],
        "penilai": ["quality"],
        "penilai2": ["quality"],
        "pkl": ["quality_lead"],
        "pdp": ["privacy_officer"],
        "humas": ["unit"],
        "kpp": ["unit"],
    }
    again = installation.json("demo")
    assert len(again) == len(roles)
    assert all(str(one["password"]) not in result.output for one in again), "fresh ones"
    installation.kring("demo", "--end")
    assert all(one["disabled"] for one in installation.json("list"))
    assert not any(one["disabled"] for one in installation.json("demo"))


def _book(database: Database, vault: Vault) -> tuple[int, object]:
    return asyncio.run(AcdTables(database, vault).book())


@pytest.fixture
def fresh(installation: Installation) -> Iterator[tuple[Installation, Database]]:
    database = installation.database()
    yield installation, database
    database.close()


def test_the_first_start_makes_an_administrator_and_tells_the_password_until_it_is_changed(
    fresh: tuple[Installation, Database],
) -> None:
    installation, database = fresh
    settings = installation.settings
    assert make_first_administrator(settings, database, installation.vault)
    assert not make_first_administrator(settings, database, installation.vault)
    told = first_sign_in(settings)
    assert told is not None
    assert told[0] == "admin"
    assert stat.S_IMODE((settings.secrets_folder / FILE).stat().st_mode) == 0o600
    assert installation.json("list")[0]["roles"] == [StaffRole.ADMINISTRATOR.value]
    line = Line(open=True, shut=False, until=datetime(2026, 1, 1, tzinfo=UTC))
    said = banner(settings, "22.10.1", 1.0, (), line)
    assert f"user name admin, one-time password {told[1]}" in said
    assert "http://127.0.0.1:8080/" in said
    assert "kring staff demo" in said
    forget_first_sign_in(settings, "somebody")
    assert first_sign_in(settings) == told
    forget_first_sign_in(settings, "admin")
    assert first_sign_in(settings) is None
    assert told[1] not in banner(settings, "22.10.1", 1.0, (), line)


def test_a_reset_takes_the_first_password_away(fresh: tuple[Installation, Database]) -> None:
    installation, database = fresh
    make_first_administrator(installation.settings, database, installation.vault)
    installation.json("reset", "admin")
    assert first_sign_in(installation.settings) is None


@pytest.mark.parametrize(
    ("number", "change", "works"),
    [
        (AGENT, {}, True),
        (AGENT, {"declared": "signed_out"}, False),
        (AGENT, {"phones": ()}, False),
        ("90000099", {}, False),
        ("", {}, False),
    ],
)
def test_who_works_on_the_floor_is_not_idle(number: str, change: dict[str, object], works: bool) -> None:
    floor = FloorDouble()
    floor.change(AGENT, **change)
    person = Staff("a" * 32, "sari", "Sari", frozenset({StaffRole.AGENT}), number)
    assert works_on_floor(floor, person) is works
