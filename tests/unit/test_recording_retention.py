"""How long recordings are kept."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.matter_data import TableProblem
from recording.recordings import Mode, Recording
from recording.retention import SHIPPED, keep_until, load_retention
from recording.states import State


def recording(at: datetime, queue: str = "efin/B") -> Recording:
    return Recording("0" * 32, "c", 1, "l", "in", queue, "", "1001", "id", Mode.ALWAYS, State.STOPPED, at)


@pytest.mark.parametrize(
    ("at", "queue", "kind", "until"),
    [
        # 2 March in WIB; the day after the same day a year later begins at 17.00 UTC.
        (datetime(2026, 3, 1, 17, 30, tzinfo=UTC), "efin/B", "", datetime(2027, 3, 2, 17, tzinfo=UTC)),
        (datetime(2026, 3, 2, 2, tzinfo=UTC), "complaints/A", "", datetime(2028, 3, 2, 17, tzinfo=UTC)),
        (datetime(2026, 3, 2, 2, tzinfo=UTC), "outbound", "survey", datetime(2026, 9, 2, 17, tzinfo=UTC)),
        # There is no 31 February and, two years later, no 29th.
        (datetime(2026, 8, 31, 2, tzinfo=UTC), "outbound", "survey", datetime(2027, 2, 28, 17, tzinfo=UTC)),
        (datetime(2028, 2, 29, 2, tzinfo=UTC), "efin/B", "", datetime(2029, 2, 28, 17, tzinfo=UTC)),
    ],
)
def test_the_table_says_until_when(at: datetime, queue: str, kind: str, until: datetime) -> None:
    assert keep_until(load_retention(), recording(at, queue), at, kind) == until


def test_what_nobody_published_is_assumed() -> None:
    assert all(version.assumed for version in load_retention().versions)


def test_reasons_of_holds_may_say_what_exactly() -> None:
    table = load_retention().at(datetime(2026, 3, 2, tzinfo=UTC))
    assert table.hold_reason("scored") and table.hold_reason("legal:ND-12")
    assert not table.hold_reason("liked") and not table.hold_reason("")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("months: 12", "months: 0", "months"),
        ("survey: 6", "survey: 601", "kinds, survey"),
        ("survey: 6", "survey: six", "kinds"),
        ("reminder: 6", "survey: 6", "twice"),
        ("[person_request,", "[retention, person_request,", "retention"),
        ("[person_request,", "[whim, person_request,", "whim"),
        ('scored: {id: "Sudah dinilai", en: "It was scored"}', 'scored: {id: "Sudah dinilai"}', "scored"),
        ("rule: UU 27/2022", "rule: UU 27/2022\n    months_more: 1", "months_more"),
    ],
)
def test_a_mistake_in_the_table_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "retention.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(TableProblem, match=told):
        load_retention(path)
