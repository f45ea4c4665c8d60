"""`kring quality`, as a person uses it."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from desk.working_days import office_day
from domain.audit import AuditQuery, AuditRow
from domain.staff import Credential, Staff, StaffRole
from recording.quality.forms_book import shipped_text
from recording.quality.scores import Answer, Given, Kind, Score, ScoreState
from recording.quality.scoring import evaluate
from service.cli import main
from storage.audit import DurableAudit
from storage.database import Database
from storage.quality_forms import DurableForms
from storage.scores import DurableScores
from storage.staff import DurableStaff
from storage.vault import Vault

NUMBER = "19801122"  # a staff number


def kring(*words: str) -> Result:
    return CliRunner().invoke(main, ["quality", *words])


def told(*words: str) -> str:
    result = kring(*words)
    assert result.exit_code == 0, result.output
    return result.output


def refused(*words: str) -> str:
    result = kring(*words)
    assert result.exit_code in (1, 2), result.output
    assert "Traceback" not in result.output
    return result.output


class NoHolds:
    async def hold(self, recording_id: str, reason: str, by: str) -> None: ...

    async def release(self, recording_id: str, reason: str, by: str) -> None: ...


class Home:
    """An installation with its database, and a form that holds from tomorrow."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url = url
        self.vault = Vault.create(folder / "secrets" / "master_key")
        self.file = folder / "inbound.yaml"
        self.tomorrow = office_day(datetime.now(UTC)) + timedelta(days=1)
        self.write(shipped_text("inbound").replace("2019-01-01", self.tomorrow.isoformat()))

    def write(self, text: str) -> None:
        self.file.write_text(text, encoding="utf-8")

    def acts(self) -> Sequence[AuditRow]:
        database = Database.open(self.url)
        rows = asyncio.run(DurableAudit(database).rows(AuditQuery()))
        database.close()
        return [row for _, row in rows]

    def with_scores(self) -> list[str]:
        """Keep an agent, a reviewer and two of their scores; return the scores' ids."""
        database = Database.open(self.url)
        now = datetime.now(UTC)
        people = [
            Staff("a" * 32, "sari", "Sari", frozenset({StaffRole.AGENT}), NUMBER),
            Staff("b" * 32, "rini", "Rini", frozenset({StaffRole.QUALITY})),
        ]
        credential = Credential("", must_change=True, changed_at=now)
        asyncio.run(DurableStaff(database, self.vault).add([(one, credential) for one in people]))
        form = asyncio.run(DurableForms(database).get("inbound", 1))
        scores = DurableScores(database, self.vault, NoHolds())
        for number, missed in enumerate(("accuracy", "image"), start=1):
            answers = {question.code: Given(Answer.YES) for question in form.questions}
            answers[missed] = Given(Answer.NO, "a note about somebody")
            facts = {"transfer": "answered_rightly"}
            score = Score(
                score_id=f"{number:032x}",
                recording_id=f"{number:032x}",
                call_id="call",
                agent=NUMBER,
                form="inbound",
                form_version=1,
                kind=Kind.REVIEW,
                state=ScoreState.DRAFT,
                reviewer="b" * 32,
                answers=answers,
                facts=facts,
                summary="a summary",
                started_at=now,
            )
            asyncio.run(scores.finish(score, evaluate(form, answers, facts), now - timedelta(days=number)))
        rescore = replace(score, score_id="c" * 32, kind=Kind.RESCORE, reminds_of=score.score_id)
        asyncio.run(scores.finish(rescore, evaluate(form, answers, facts), now - timedelta(days=3)))
        database.close()
        return [f"{number:032x}" for number in (1, 2)]


@pytest.fixture
def home(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("KRING_HOME", str(tmp_path))
    return Home(tmp_path, sqlite_url)


def test_forms_are_listed_shown_changed_and_imported(home: Home) -> None:
    assert [line.split()[:2] for line in told("forms", "list").splitlines()] == [
        ["complaint", "1"],
        ["inbound", "1"],
        ["outbound", "1"],
    ]
    text = told("forms", "show", "inbound", "--yaml")
    assert text == shipped_text("inbound")
    changed = text.replace("2019-01-01", home.tomorrow.isoformat())
    changed = changed.replace("share: 30\n", "share: 40\n").replace(
        "      completeness:\n        share: 20", "      completeness:\n        share: 10"
    )
    home.write(changed)
    checked = told("forms", "check", str(home.file))
    assert "answer.interpretation: 7.50 → 10.00" in checked
    assert "answer.completeness: 5.00 → 2.50" in checked
    assert "it would be version 2" in checked
    assert len(told("forms", "list").splitlines()) == 3
    assert f"inbound, version 2: for calls from {home.tomorrow}" in told("forms", "import", str(home.file))
    rows = [json.loads(line) for line in told("forms", "list", "--json").splitlines()]
    assert [(row["version"], row["state"]) for row in rows if row["form"] == "inbound"] == [
        (2, "later"),
        (1, "in force"),
    ]
    assert "(interpretation)" in told("forms", "show", "inbound", "--version", "2", "--lang", "en")
    assert [(row.act, row.subject, row.who[:4]) for row in home.acts()] == [
        ("quality_form_kept", "form:inbound", "cli:")
    ]


def test_what_is_assumed_is_said(home: Home) -> None:
    shown = told("forms", "show", "inbound", "--lang", "en").splitlines()
    assumed = [line for line in shown if line.endswith("[assumed]")]
    for code in ("style", "attributes", "poro", "values", "systems", "authority"):
        assert any(f"({code})" in line for line in assumed), code
    assert not any("(answer)" in line for line in assumed)
    assert shown[-1].startswith("N/A: ")
    assert shown[-1].endswith("[assumed]")
    assert "gaya" in told("forms", "show", "inbound", "--lang", "id").lower()


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("weight: 25", "weight: 20", "the weights are 95 together, not 100. 5 are missing"),
        ("[poro, answer]", "[poro, anwser]", "`anwser` is no criterion or item"),
        ("form: inbound", "form: inbuond", "`inbuond` is no form. Did you mean `inbound`?"),
    ],
)
@pytest.mark.parametrize("act", ["check", "import"])
def test_a_mistake_is_told_and_nothing_is_kept(home: Home, act: str, old: str, new: str, what: str) -> None:
    text = home.file.read_text(encoding="utf-8")
    home.write(text.replace(old, new, 1))
    output = refused("forms", act, str(home.file))
    assert what in output
    assert "inbound.yaml:" in output
    assert "1 mistake; nothing was changed" in output
    assert len(told("forms", "list").splitlines()) == 3
    assert home.acts() == []


def test_a_day_in_the_past_and_what_is_there_already_are_refused(home: Home) -> None:
    home.write(shipped_text("inbound").replace("2019-01-01", "2020-01-01"))
    assert "is in the past" in refused("forms", "import", str(home.file))
    home.write(shipped_text("inbound"))
    assert "this is version 1 already" in refused("forms", "import", str(home.file))
    home.file.write_bytes(b"\xff\xfe")
    assert "is not UTF-8" in refused("forms", "check", str(home.file))
    assert "there is no version 9" in refused("forms", "show", "inbound", "--version", "9")


def test_scores_are_listed_without_a_word_of_theirs(home: Home) -> None:
    first, second = home.with_scores()
    rows = [json.loads(line) for line in told("scores", "--json").splitlines()]
    assert [(row["score_id"], row["kind"], row["total"]) for row in rows] == [
        (first, "review", "87.50"),
        (second, "review", "96.25"),
        ("c" * 32, "rescore", "96.25"),
    ]
    assert {(row["agent"], row["reviewer"]) for row in rows} == {("sari", "rini")}
    plain = told("scores", "--agent", "sari", "--since", "36h")
    assert len(plain.splitlines()) == 1
    assert "note" not in plain
    assert NUMBER not in plain
    assert "look at: kring staff list" in refused("scores", "--agent", "nobody")
    assert {row.act for row in home.acts()} == {"scores_listed"}


def test_figures_are_told_apart_as_asked(home: Home) -> None:
    home.with_scores()
    rows = [json.loads(line) for line in told("scores", "--by", "criterion", "--json").splitlines()]
    by = {row["criterion"]: (row["scores"], row["mean"], row["percent"]) for row in rows}
    assert by["answer"] == (2, "18.75", "75.00 %")
    assert by["values"] == (2, "13.13", "87.50 %")
    assert by["poro"] == (2, "15.00", "100.00 %")
    [row] = [
        json.loads(line) for line in told("scores", "--by", "agent", "--by", "form", "--json").splitlines()
    ]
    assert row == {"agent": "sari", "form": "inbound 1", "scores": 2, "mean": "91.88", "percent": "91.88 %"}
    assert told("scores", "--by", "reviewer", "--reviewer", "rini").split() == [
        "rini",
        "2",
        "91.88",
        "91.88",
        "%",
    ]
    assert {row.act for row in home.acts()} == {"score_figures_viewed"}


def test_that_there_are_no_scores_is_said(home: Home) -> None:
    result = kring("scores")
    assert (result.exit_code, result.output) == (0, "No scores.\n")
