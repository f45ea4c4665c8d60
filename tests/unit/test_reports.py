"""Reports: when they are due, what they say, what is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from reporting.asking import Dimension, Interval
from reporting.formulas import FORMULAS
from reporting.reports import (
    Asked,
    Definition,
    Delivery,
    Every,
    Layout,
    Means,
    Schedule,
    Span,
)
from reporting.reports_check import BadReport, check
from reporting.reports_document import Chart, Document, Kind, Table
from reporting.reports_monthly import ask_month, monthly_document, shape
from reporting.reports_numbers import Said
from reporting.reports_table import question_of, table_document
from reporting.reports_times import days_of, due_since, next_due
from reporting.reports_words import COUNTS, made_of
from tests.unit.report_world import FIRST, LAST, MADE, MONTHLY, QUEUES, office, words

KNOWN = {*FORMULAS, *COUNTS}


async def test_a_table_has_every_row_its_total_and_its_chart() -> None:
    question = question_of(QUEUES.asked, (FIRST, LAST), {})
    document = table_document(QUEUES, question, await office().lines(question), words(), MADE)
    chart, table = document.parts
    assert isinstance(table, Table)
    assert [column.name for column in table.columns] == [
        "Hari", "Antrean", "Panggilan masuk", "Tingkat layanan", "AHT",
    ]  # fmt: skip
    assert [list(row) for row in table.rows] == [
        ["05.10.2026", "efin", 10, pytest.approx(7 / 9), 50.0],
        ["06.10.2026", "efin", 5, 1.0, 100.0],
        ["06.10.2026", "kup", 4, 0.25, 60.0],
    ]
    assert list(table.total) == ["Jumlah", "", 19, pytest.approx(13 / 18), 68.0]
    assert isinstance(chart, Chart)
    assert [(one.name, list(one.values)) for one in chart.series] == [("efin", [10, 5]), ("kup", [None, 4])]
    assert document.about == "5 Oktober 2026 – 6 Oktober 2026"
    assert dict(document.facts) == {"Dibuat": "02.11.2026 08.00 WIB"}
    assert [term.made_of for term in document.terms] == [
        "incoming",
        "in_time ÷ (incoming − abandoned_in_time)",
        "(acd_ms + hold_ms + wrap_up_ms) ÷ acd_calls",
    ]
    assert "asumsi" in document.terms[1].about
    sent = msgspec.json.encode(document)
    assert msgspec.json.encode(msgspec.json.decode(sent, type=Document)) == sent


async def test_numerators_and_denominators_stand_beside_their_figure() -> None:
    asked = replace(QUEUES.asked, by=(), interval=Interval.WHOLE)
    definition = replace(QUEUES, asked=asked, figures=("aht",), parts=True)
    question = question_of(asked, (FIRST, LAST), {})
    document = table_document(definition, question, await office().lines(question), words(), MADE)
    table = document.parts[-1]
    assert isinstance(table, Table)
    assert [list(row) for row in table.rows] == [["5 Oktober 2026 – 6 Oktober 2026", 68.0, 1_020_000, 15]]
    assert table.total == ()


async def test_a_team_leaders_report_is_about_their_team_alone() -> None:
    asked = replace(QUEUES.asked, only={Dimension.TEAM: frozenset({"alfa", "beta"})}, interval=Interval.WHOLE)
    lines = await office().lines(question_of(asked, (FIRST, LAST), {}, "beta"))
    assert [(line.key, line.counts.incoming) for line in lines] == [(("kup",), 4)]
    foreign = replace(asked, only={Dimension.TEAM: frozenset({"alfa"})})
    assert question_of(foreign, (FIRST, LAST), {}, "beta").only == {Dimension.TEAM: frozenset()}


async def test_the_month_is_told_as_a_directorate_reads_it() -> None:
    answers = await ask_month(office(), date(2026, 10, 17), {}, shape())
    document = monthly_document(MONTHLY.title, answers, {}, shape(), words(), MADE)
    assert document.about == "Oktober 2026"
    assert document.sentences == (
        "Pada Oktober 2026 sebanyak 19 panggilan meminta agen; 15 tersambung (78,9 %).",
        "Jumlah itu turun 5,0 % dibanding September 2026.",
        "Tingkat layanan 72,2 %, rata-rata tunggu 15,8 dtk, ditinggalkan 21,1 %, "
        "rata-rata penanganan (AHT) 1:08.",
        "Hari tersibuk 5 Oktober 2026 dengan 10 panggilan.",
    )
    comparison = document.parts[0]
    assert isinstance(comparison, Table)
    by_name = {str(row[0]): list(row[1:]) for row in comparison.rows}
    assert by_name["Panggilan masuk"] == [19, 20, pytest.approx(-0.05), 38, pytest.approx(-0.5)]
    # 15 ÷ 19 = 78,9 %, after 18 ÷ 20 = 90 % and 19 ÷ 38 = 50 %: in percentage points.
    assert by_name["Tingkat jawab"][2::2] == [
        pytest.approx(-11.0526, abs=1e-4),
        pytest.approx(28.9474, abs=1e-4),
    ]
    assert by_name["AHT"] == [68.0, None, None, None, None]
    assert comparison.kinds[0] is Kind.COUNT
    tables = {part.title: part for part in document.parts if isinstance(part, Table)}
    assert [list(row[:3]) for row in tables["Menurut antrean"].rows] == [["efin", 15, 13], ["kup", 4, 2]]
    months = [(row[0], row[1]) for row in tables["Bulan-bulan tahun 2026"].rows]
    assert months == [("September 2026", 20), ("Oktober 2026", 19)]
    assert "Kampanye keluar" not in tables or tables["Kampanye keluar"].rows == ()


async def test_a_month_without_calls_says_so() -> None:
    answers = await ask_month(office(), date(2024, 2, 1), {}, shape())
    document = monthly_document(MONTHLY.title, answers, {}, shape(), words("en"), MADE)
    assert document.sentences == ("There were no calls in February 2024.",)


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        (Span.YESTERDAY, date(2026, 2, 28), date(2026, 2, 28)),
        (Span.LAST_7_DAYS, date(2026, 2, 22), date(2026, 2, 28)),
        (Span.LAST_WEEK, date(2026, 2, 16), date(2026, 2, 22)),
        (Span.THIS_MONTH, date(2026, 3, 1), date(2026, 3, 1)),
        (Span.LAST_MONTH, date(2026, 2, 1), date(2026, 2, 28)),
        (Span.LAST_YEAR, date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_days_are_counted_from_the_day_of_making(span: Span, first: date, last: date) -> None:
    assert days_of(Asked(span), date(2026, 3, 1)) == (first, last)  # a Sunday


def test_a_report_is_due_by_the_offices_clock() -> None:
    friday = datetime(2026, 11, 6, 3, 0, tzinfo=UTC)  # 10.00 WIB
    assert next_due(Schedule(Every.DAILY, 10 * 60), friday) == friday + timedelta(days=1)
    assert next_due(Schedule(Every.WEEKLY, 0, 1), friday) == datetime(2026, 11, 8, 17, 0, tzinfo=UTC)
    assert next_due(Schedule(Every.MONTHLY, 6 * 60 + 30, 28), friday) == datetime(
        2026, 11, 27, 23, 30, tzinfo=UTC
    )
    times, following = due_since(Schedule(Every.DAILY, 10 * 60), friday, friday + timedelta(days=2))
    assert times == [friday, friday + timedelta(days=1), friday + timedelta(days=2)]
    assert following == friday + timedelta(days=3)


@pytest.mark.parametrize(
    ("wrong", "field", "word"),
    [
        (replace(QUEUES, code="Antrean"), "code", "code"),
        (replace(QUEUES, code="agen-900000-01"), "code", "code_number"),
        (replace(QUEUES, title="a\nb c"), "title", "title"),
        (replace(QUEUES, figures=("aht", "aht")), "figures", "figures"),
        (replace(QUEUES, figures=("nonsense",)), "figures", "figures_unknown"),
        (replace(QUEUES, formats=()), "formats", "formats"),
        (replace(QUEUES, asked=Asked(Span.FIXED)), "first", "days_missing"),
        (replace(QUEUES, asked=replace(QUEUES.asked, first=LAST, last=FIRST)), "last", "days_turned"),
        (replace(QUEUES, asked=replace(QUEUES.asked, first=date(2026, 1, 1), interval=Interval.HOUR)),
         "last", "days_fine"),
        (replace(QUEUES, asked=replace(QUEUES.asked, only={Dimension.AGENT: frozenset({"1"})})),
         "only_agent", "only_agent"),
        (replace(QUEUES, layout=Layout.MONTHLY), "span", "monthly_span"),
        (replace(QUEUES, schedule=Schedule(Every.DAILY, 0)), "every", "fixed_schedule"),
        (replace(MONTHLY, schedule=Schedule(Every.MONTHLY, 0, 29)), "day", "monthday"),
        (replace(QUEUES, deliveries=(Delivery(Means.MAIL, "a@b.id\nBcc: c"),)), "mail_to", "mail_address"),
        (replace(QUEUES, deliveries=(Delivery(Means.MAIL, "a@lain.id"),)), "mail_to", "mail_domain"),
        (replace(QUEUES, deliveries=(Delivery(Means.FOLDER, "../x"),)), "folder", "folder"),
        (replace(QUEUES, deliveries=2 * (Delivery(Means.FOLDER, "x"),)), "folder", "delivery_twice"),
    ],
)  # fmt: skip
def test_a_wrong_report_is_refused_with_its_field(wrong: Definition, field: str, word: str) -> None:
    with pytest.raises(BadReport) as refused:
        check(wrong, KNOWN, ["contoh.go.id"])
    assert (refused.value.field, refused.value.word) == (field, word)


def test_reports_that_are_in_order_are_taken() -> None:
    check(replace(QUEUES, deliveries=(Delivery(Means.MAIL, "a@Contoh.go.id"),)), KNOWN, ["contoh.go.id"])
    check(replace(MONTHLY, schedule=Schedule(Every.MONTHLY, 6 * 60, 2)), KNOWN)


def test_numbers_are_written_as_staff_read_them() -> None:
    indonesian, english = Said("id"), Said("en")
    assert indonesian.cell(1234567, Kind.COUNT) == "1.234.567"
    assert english.cell(1234567, Kind.COUNT) == "1,234,567"
    assert indonesian.cell(0.8254, Kind.SHARE) == "82,5 %"
    assert indonesian.cell(-0.05, Kind.CHANGE) == indonesian.change(95, 100) == "−5,0 %"
    assert [english.cell(value, Kind.POINTS) for value in (1.26, -0.04)] == ["+1.3 pp", "0.0 pp"]
    assert [indonesian.cell(value, Kind.SECONDS) for value in (6.31, 59.96, 245, 3845)] == [
        "6,3 dtk", "1:00", "4:05", "1:04:05",
    ]  # fmt: skip
    assert indonesian.cell(None, Kind.SHARE) == "–"
    assert made_of(FORMULAS["cph"]) == "acd_calls ÷ staffed_ms"
