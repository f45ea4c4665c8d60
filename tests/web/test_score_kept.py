"""Scores given through the pages and kept on a database: what comes back is what was sent."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from recording.persons import NobodyRestricted
from recording.quality.scores import ScoreState
from service.score_pages import ScoreGround, make_score_area
from storage.database import Database
from storage.quality_forms import DurableForms
from storage.scores import DurableScores
from storage.scores_memory import MemoryForms, MemoryScores
from storage.vault import Vault
from tests.web.page_parts import page_app
from tests.web.score_stage import FIRST, ONE, SECOND, BlindDouble, PeopleDouble, ScoreStage, score_stage


class HoldsDouble:
    """Notes what is held."""

    def __init__(self) -> None:
        self.held: list[tuple[str, str]] = []

    async def hold(self, recording_id: str, reason: str, by: str) -> None:
        self.held.append((recording_id, reason))

    async def release(self, recording_id: str, reason: str, by: str) -> None:
        raise AssertionError("nothing is released here")


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[tuple[ScoreStage, HoldsDouble]]:
    database = Database.open(f"sqlite:///{tmp_path}/kring.db")
    holds, vault = HoldsDouble(), Vault.create(tmp_path / "key")
    forms = cast("MemoryForms", DurableForms(database))
    scores = cast("MemoryScores", DurableScores(database, vault, holds))
    yield await score_stage(tmp_path, forms, scores), holds
    database.close()


async def test_from_a_draft_to_a_signed_score(kept: tuple[ScoreStage, HoldsDouble]) -> None:
    stage, holds = kept
    score_id, body = await stage.body()
    body["answers"]["diction"] = {"answer": "no", "note": "Kata tidak baku ", "at_ms": 65_000}
    body["summary"] = "  Baik,\n tetapi …  "
    path = f"/api/scores/{score_id}"
    for count in (1, 1, 2):  # the second is the first again, whose answer was lost
        answer = await stage.send(FIRST, "PUT", f"{path}/draft", {**body, "count": count - 1})
        assert (answer.status_code, answer.json()["count"]) == (200, count), answer.text
    other = await stage.send(FIRST, "PUT", f"{path}/draft", {**body, "count": 0})
    assert (other.status_code, other.json()["current"]["count"]) == (409, 2)
    offered = await stage.scoring()
    assert (offered["count"], offered["summary"]) == (2, body["summary"])
    for _ in range(2):  # sent again after a lost answer
        final = await stage.send(FIRST, "POST", f"{path}/finish", {**body, "count": 2})
        assert (final.status_code, final.json()["total"]) == (200, "98.75"), final.text
    late_id, late = await stage.body(SECOND, "2" * 32)
    assert late_id != score_id
    assert late["recording_id"] != ONE
    assert (await stage.get(SECOND, f"/api/recordings/{ONE}/scores")).json()["scoring"] is None
    for _ in range(2):
        signed = await stage.send("agent", "POST", f"{path}/sign")
        assert signed.json()["state"] == ScoreState.SIGNED.value
    listed = (await stage.get("chief", "/api/scores?since=2020-01-01")).json()
    assert [one["score_id"] for one in listed["scores"]] == [score_id]
    assert (ONE, "scored") in holds.held


async def test_the_area_is_joined_with_a_folder_of_its_own(tmp_path: Path) -> None:
    nobody: Any = None
    ground = ScoreGround(
        MemoryScores(), nobody, nobody, BlindDouble(), PeopleDouble(), nobody, nobody,  # type: ignore[arg-type]
        cast("Any", type("Notes", (), {"safe_key": lambda self, session: "k"})()), nobody, nobody, tmp_path,
        NobodyRestricted(),
    )  # fmt: skip
    parts = page_app([make_score_area(ground)])
    folder = tmp_path / "score-files"
    assert folder.stat().st_mode & 0o777 == 0o700
    found = parts.shared.guard.permissions
    assert found["GET", "/rekaman/{recording_id}/penilaian"] == "score_view"
    assert found["POST", "/api/scores/{score_id}/finish"] == "review_work"
    assert found["POST", "/api/quality-forms"] == "review_plan"
