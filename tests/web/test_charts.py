"""Charts: where values stand, gaps, labels that have room, what nobody may slip in."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from web.charts import LOOKS, Chart, Series, bars, grid, heat_levels, lines


def _chart(*series: Series, labels: tuple[str, ...] = ("08.00", "08.30", "09.00"), **more: object) -> Chart:
    return Chart("Panggilan", labels, series, lambda value: f"{value:g}", **more)  # type: ignore[arg-type]


def _drawings(figure: str) -> list[ElementTree.Element]:
    return ElementTree.fromstring(f"<x>{figure}</x>").findall(".//svg[@role='img']")  # noqa: S314 - our own


@pytest.mark.parametrize(
    ("most", "time", "across"),
    [
        (0, False, (0, 1)),
        (7, False, (0, 2, 4, 6, 8)),
        (100, False, (0, 50, 100)),
        (1234, False, (0, 500, 1000, 1500)),
        (0.8, False, (0, 0.2, 0.4, 0.6, 0.8)),
        (250, True, (0, 120, 240, 360)),
        (45, True, (0, 15, 30, 45)),
        (100_000, True, (0, 36000, 72000, 108000)),
    ],
)
def test_lines_across_stand_at_values_that_are_read_easily(
    most: float, time: bool, across: tuple[float, ...]
) -> None:
    assert grid(most, time=time) == pytest.approx(across)


def test_what_the_values_are_stands_above_the_scale_where_it_is_told() -> None:
    for drawing in _drawings(lines(_chart(Series("A", [1.0, 2.0, 3.0]), measure="Agen & <b>"))):
        assert drawing.findall("text")[0].text == "Agen & <b>"
    for drawing in _drawings(lines(_chart(Series("A", [1.0, 2.0, 3.0])))):
        assert drawing.findall("text")[0].text == "0"


def test_a_value_stands_at_its_height_and_a_missing_one_is_a_gap() -> None:
    wide, narrow = _drawings(lines(_chart(Series("Masuk", (0.0, None, 10.0)))))
    assert (wide.get("viewBox"), narrow.get("viewBox")) == ("0 0 720 240", "0 0 340 240")
    assert wide.get("aria-label") == "Panggilan: 0 – 10"
    course = wide.find("path[@class='chart-course-1']")
    assert course is not None
    assert re.findall(r"([ML])[\d.]+ ([\d.]+)", course.get("d", "")) == [("M", "210.0"), ("M", "26.0")]
    marks = [one for one in wide.findall("path") if one.get("class") == "chart-mark-1"]
    assert len(marks) == 2
    told = [one.findtext("title") for one in wide.findall("rect[@class='chart-place']")]
    assert told == ["08.00 · Masuk: 0", "08.30", "09.00 · Masuk: 10"]


def test_every_series_has_a_look_of_its_own_and_its_name() -> None:
    series = [Series(f"Tim {at}", (1.0, 2.0, 3.0)) for at in range(LOOKS)]
    drawn = lines(_chart(*series, goal=80.0, goal_name="Target"))
    for look in range(1, LOOKS + 1):
        assert f'class="chart-course-{look}"' in drawn
        assert f'class="chart-mark-{look}"' in drawn
        assert f"Tim {look - 1}" in drawn
    assert "Target 80" in drawn
    with pytest.raises(ValueError, match="7 series"):
        lines(_chart(*series, Series("zu viel", (1.0,))))


def test_bars_stand_side_by_side_on_the_ground() -> None:
    drawing = _drawings(bars(_chart(Series("a", (4.0, 0.0, 2.0)), Series("b", (None, 1.0, 1.0)))))[0]
    first = [one for one in drawing.findall("rect") if one.get("class") == "chart-block-1"]
    second = [one for one in drawing.findall("rect") if one.get("class") == "chart-block-2"]
    assert [float(one.get("height", "")) for one in first] == [184.0, 0.0, 92.0]
    assert len(second) == 2
    assert float(second[0].get("x", "")) > float(first[1].get("x", ""))


def test_labels_have_room_and_a_year_of_days_is_not_marked_day_by_day() -> None:
    labels = tuple(f"{day:03}.2025" for day in range(365))
    drawing = _drawings(lines(_chart(Series("a", tuple(float(day) for day in range(365))), labels=labels)))[0]
    shown = [float(one.get("x", "")) for one in drawing.findall("text") if one.get("text-anchor") == "middle"]
    assert 3 <= len(shown) <= 12
    assert min(after - before for before, after in pairwise(shown)) >= 56
    assert shown[-1] <= 720 - 28
    assert [one for one in drawing.findall("path") if one.get("class") == "chart-mark-1"] == []


def test_a_point_without_neighbours_is_seen_among_many() -> None:
    values = [None] * 20 + [5.0] + [None] * 40
    drawn = _drawings(lines(_chart(Series("a", values), labels=tuple("x" * 61))))[0]
    assert len([one for one in drawn.findall("path") if one.get("class") == "chart-mark-1"]) == 1


def test_nothing_slips_in_and_nothing_is_inline() -> None:
    drawn = lines(_chart(Series("<script>alert(1)</script>", (1.0,)), labels=('"><b>',)))
    assert "<script" not in drawn
    assert "<b>" not in drawn
    assert "style=" not in drawn


def test_nothing_to_draw_is_an_empty_chart() -> None:
    assert len(_drawings(lines(_chart(labels=())))) == 2
    assert len(_drawings(lines(_chart(Series("a", (None, None, None)))))) == 2


def test_levels_of_a_heat_map_go_from_nothing_to_the_most() -> None:
    assert heat_levels([[0.0, 1.0, None], [20.0, 21.0, 100.0]]) == [[0, 1, None], [1, 2, 5]]
    assert heat_levels([[0.0, None]]) == [[0, None]]
    assert heat_levels([[230.0, 234.0, 250.0, None]], from_least=True) == [[1, 1 + 1 * 4 // 5, 5, None]]
    assert heat_levels([[7.0, 7.0]], from_least=True) == [[1, 1]]
