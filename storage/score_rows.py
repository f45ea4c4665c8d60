"""Scores and drafts as rows: answers with their notes, facts and summary are one sealed value."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from recording.quality.scores import Answer, Given, Kind, Line, Result, Score, ScoreState
from recording.quality.scoring_points import points
from storage.vault import Vault


class _Body(msgspec.Struct):
    """What is sealed of a score."""

    answers: dict[str, tuple[str, str, int | None]]
    facts: dict[str, str]
    summary: str


_decode = msgspec.json.Decoder(_Body).decode


class ScoreRows:
    """Makes rows of scores, and scores of rows."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def draft_row(self, score: Score) -> dict[str, object]:
        """Return a draft as a row."""
        return {**_head(score), "count": score.count, "sealed_body": self._sealed(score, "score_drafts")}

    def final_row(self, score: Score, result: Result) -> dict[str, object]:
        """Return a final score as a row; `final_at` is set."""
        return {
            **_head(score),
            "final_at": score.final_at,
            "total": hundredths(result.total),
            "effects": " ".join(result.effects),
            "sealed_body": self._sealed(score, "scores"),
        }

    def draft(self, row: Any) -> Score:
        """Return the draft of a row. Raises VaultProblem."""
        body = self._opened(row, "score_drafts")
        return Score(
            **_of_head(row), **_of_body(body), kind=Kind(row.kind), state=ScoreState.DRAFT, count=row.count
        )

    def final(self, row: Any, lines: Sequence[Any]) -> Score:
        """Return the final score of a row with its standing (`state`, `signed_at`). Raises VaultProblem."""
        body = self._opened(row, "scores")
        result = Result(
            total=points(row.total),
            lines=tuple(_line(line) for line in lines),
            effects=tuple(row.effects.split()),
            missing=(),
        )
        return Score(
            **_of_head(row),
            **_of_body(body),
            kind=Kind(row.kind),
            state=ScoreState(row.state),
            final_at=row.final_at,
            signed_at=row.signed_at,
            result=result,
        )

    def _sealed(self, score: Score, table: str) -> bytes:
        answers = {code: (one.answer.value, one.note, one.at_ms) for code, one in score.answers.items()}
        body = msgspec.json.encode(_Body(answers, dict(score.facts), score.summary))
        return self._vault.seal(body, _context(table, score.score_id))

    def _opened(self, row: Any, table: str) -> _Body:
        return _decode(self._vault.open(bytes(row.sealed_body), _context(table, row.score_id)))


def line_rows(score_id: str, result: Result) -> list[dict[str, object]]:
    """Return a result's lines as rows."""
    return [
        {
            "score_id": score_id,
            "seq": seq,
            "criterion": line.criterion,
            "item": line.item,
            "most": hundredths(line.most),
            "points": hundredths(line.points),
            "reason": line.reason,
            "effect": line.effect,
        }
        for seq, line in enumerate(result.lines, start=1)
    ]


def hundredths(value: Any) -> int:
    """Return points as whole hundredths. Raises ValueError for what is finer."""
    whole = int(value * 100)
    if whole != value * 100:
        raise ValueError("points have two decimals")
    return whole


def same_work(one: Score, other: Score) -> bool:
    """Whether two final scores say and are worth the same."""
    if one.result is None or other.result is None:
        return False
    return (
        _head(one) == _head(other)
        and dict(one.answers) == dict(other.answers)
        and dict(one.facts) == dict(other.facts)
        and one.summary == other.summary
        and one.result.total == other.result.total
        and tuple(one.result.lines) == tuple(other.result.lines)
    )


_HEAD = (
    "score_id",
    "recording_id",
    "call_id",
    "agent",
    "form",
    "form_version",
    "reviewer",
    "reminds_of",
    "started_at",
)


def _head(score: Score) -> dict[str, object]:
    return {"kind": score.kind.value, **{name: getattr(score, name) for name in _HEAD}}


def _of_head(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _HEAD}


def _of_body(body: _Body) -> Mapping[str, Any]:
    answers = {code: Given(Answer(answer), note, at) for code, (answer, note, at) in body.answers.items()}
    return {"answers": answers, "facts": body.facts, "summary": body.summary}


def _line(row: Any) -> Line:
    return Line(row.criterion, row.item, points(row.most), points(row.points), row.reason, row.effect)


def _context(table: str, score_id: str) -> bytes:
    return f"{table}/{score_id}".encode()
