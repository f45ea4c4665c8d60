"""Figures on pages: the small day of `figure_stage`, by hand, on the page, in the API and in files."""

import csv
import io
import re
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from domain.staff import Reach
from reporting.counts import Counts
from reporting.formulas import FORMULAS
from reporting.rollup import Key
from storage.figures_memory import Happened, MemoryFigures
from tests.web.figure_stage import DAY, RECORDED, FigureStage, figure_stage, staff_id
from tests.web.page_parts import COLLEAGUE, OWN
from web.figure_desk import VIEW
from web.figure_file import FileNotMade
from web.visitor import Visitor

# By hand, from the table of figure_stage: code → (numerator, denominator, value, as the page says it).
WHOLE = {
    "art": (5_000 + 7_000 + 3_000, 3, 5.0, "5,0 dtk"),
    # ACD 240 + 180 + 120 = 540, hold 30, ACW 60 + 30 + 24 = 114: 684 s over 3 calls
    "aht": (684_000, 3, 228.0, "3:48"),
    "crm": (2, 3, 2 / 3, "66,7 %"),
    # talk 216 + 180 + 96 = 492 of 540 s of ACD time
    "ce": (492_000, 540_000, 492 / 540, "91,1 %"),
    "pai": (3, 4, 0.75, "75,0 %"),
    # 3 calls in 4 h + 2 h
    "cph": (3, 21_600_000, 0.5, "0,50"),
    "service_level": (2, 4, 0.5, "50,0 %"),
    "answer_rate": (3, 4, 0.75, "75,0 %"),
    "abandonment": (1, 4, 0.25, "25,0 %"),
    # 12 + 45 + 90 + 3 = 150 s over 4 calls
    "average_wait": (150_000, 4, 37.5, "37,5 dtk"),
    # ring 15 + ACD 540 + hold 30 + ACW 114 = 699 s of 6 h less 10 min = 21,000 s
    "occupancy": (699_000, 21_000_000, 699 / 21_000, "3,3 %"),
    "ats": (0, 0, None, "–"),
    "pai_chat": (0, 0, None, "–"),
}
PATHS = ("/angka", "/angka/panggilan", "/api/figures", "/api/figures/week", "/api/figures/calls",
         "/api/figures/check", "/api/figures/file", "/api/figures/definitions")  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> FigureStage:
    return figure_stage(tmp_path_factory.mktemp("figures"))


@pytest.fixture
async def stage(made: FigureStage) -> FigureStage:
    await made.begin_anew()
    return made


async def _answer(
    stage: FigureStage, who: str, query: str = DAY, path: str = "/api/figures"
) -> dict[str, Any]:
    answer = await stage.get(who, f"{path}?{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _cells(page: str, name: str) -> list[str]:
    """Return the cells of the line of all figures that begins with this name, without tags."""
    rows = re.findall(r"<tr>.*?</tr>", page, re.S)
    row = next(one for one in rows if f">{name}</a>" in one)
    return [
        re.sub(r"<span.*?</span>|<[^>]+>", "", one, flags=re.S).strip()
        for one in re.findall(r"<td.*?</td>", row, re.S)
    ]


async def test_every_number_of_the_page_is_the_apis_and_the_hands(stage: FigureStage) -> None:
    found = (await _answer(stage, "chief"))["span"]["total"]["figures"]
    page = (await stage.get("chief", f"/angka?{DAY}")).text
    for name, (numerator, denominator, value, said) in WHOLE.items():
        assert (found[name]["numerator"], found[name]["denominator"]) == (numerator, denominator), name
        assert found[name]["value"] == (None if value is None else pytest.approx(value)), name
        assert _cells(page, FORMULAS[name].id.name)[0] == said, name
    assert _cells(page, "AHT")[1:] == ["11:24", "3"]  # 684 s over 3 calls
    assert _cells(page, "CPH")[1:] == ["3", "6:00:00"]
    assert FORMULAS["aht"].id.about in page


async def test_groups_and_intervals_are_lines(stage: FigureStage) -> None:
    found = await _answer(stage, "chief", f"{DAY}&by=team&interval=whole")
    lines = {one["names"]["team"]: one for one in found["lines"]}
    assert list(lines) == ["alfa", "beta", "(tanpa tim)"]
    # alfa: (240 + 180 + 30 + 60 + 30) / 2 = 270 s; beta: (120 + 24) / 1 = 144 s
    assert [lines[team]["figures"]["aht"]["value"] for team in ("alfa", "beta")] == [270.0, 144.0]
    assert lines["(tanpa tim)"]["counts"]["incoming"] == 4
    by_agent = await _answer(stage, "chief", f"{DAY}&by=agent&interval=30min")
    assert {one["names"]["agent"] for one in by_agent["lines"]} == {"Kenanga", "Melati", "(tanpa agen)"}
    assert {one["key"]["agent"] for one in by_agent["lines"]} == {
        staff_id("agent"),
        staff_id("colleague"),
        "",
    }
    half_hours = await _answer(stage, "chief", f"{DAY}&interval=30min&queue=efin")
    assert [(one["begins"], one["counts"]["incoming"]) for one in half_hours["lines"]] == [
        ("2025-06-02T01:00:00Z", 1), ("2025-06-02T01:30:00Z", 1), ("2025-06-02T02:00:00Z", 2),
    ]  # fmt: skip
    page = (await stage.get("chief", f"/angka?{DAY}&by=agent&by=queue&interval=day")).text
    assert "Senin 02.06.2025" in page
    for said in ("Melati", "Kenanga", "4:30", "2:24"):
        assert said in page
    assert OWN not in page
    assert COLLEAGUE not in page


async def test_days_are_compared_with_earlier_ones(stage: FigureStage) -> None:
    query = "since=2025-06-02&until=2025-06-08&compare=before"
    found = await _answer(stage, "chief", query)
    assert (found["earlier"]["first"], found["earlier"]["last"]) == ("2025-05-26", "2025-06-01")
    # on 26 May: (100 + 20) / 1 = 120 s; 228 is 90,0 % more
    assert found["earlier"]["total"]["figures"]["aht"]["value"] == 120.0
    page = (await stage.get("chief", f"/angka?{query}")).text
    assert _cells(page, "AHT")[:3] == ["3:48", "2:00", "+90,0 %"]
    assert "Rentang pembanding" in page
    year = await _answer(stage, "chief", "since=2026-06-01&until=2026-06-01&compare=year")
    assert year["earlier"]["first"] == "2025-06-02"
    assert year["earlier"]["total"]["counts"]["incoming"] == 4


@pytest.mark.parametrize(("who", "calls"), [("chief", 3), ("planner", 3), ("leader", 2), ("beta_leader", 1)])
async def test_each_sees_whom_they_reach(stage: FigureStage, who: str, calls: int) -> None:
    found = await _answer(stage, who, f"{DAY}&by=agent&interval=whole")
    assert found["span"]["total"]["counts"]["acd_calls"] == calls
    assert sum(one["counts"]["acd_calls"] for one in found["lines"]) == calls
    for path in ("/angka", "/angka/panggilan"):
        page = await stage.get(who, f"{path}?{DAY}&by=agent")
        assert page.status_code == 200
        assert ("Kenanga" in page.text) is (who != "leader")
        assert ("Melati" in page.text) is (who != "beta_leader")
    seen = await _answer(stage, who, DAY, "/api/figures/calls")
    assert len(seen["calls"]) == calls


async def test_another_team_cannot_be_asked_for(stage: FigureStage) -> None:
    for path in PATHS[:-1]:
        assert (await stage.get("leader", f"{path}?{DAY}&team=beta")).status_code == 403, path
        other = f"{path}?{DAY}&agent={staff_id('colleague')}"
        assert (await stage.get("leader", other)).status_code == 404, path
    own = await stage.get("leader", f"/api/figures?{DAY}&team=alfa&agent={staff_id('agent')}")
    assert own.json()["span"]["total"]["counts"]["acd_calls"] == 2
    none = await stage.get("leader", f"/api/figures?{DAY}&agent=-")
    assert none.json()["lines"] == []  # who has no agent is in no team


async def test_who_reaches_only_themselves_sees_themselves(
    stage: FigureStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Visitor, "reach", lambda _, permission: Reach.OWN if permission == VIEW else None)
    found = await _answer(stage, "agent", f"{DAY}&by=queue&interval=whole")
    assert found["span"]["total"]["counts"]["acd_calls"] == 2
    other = await stage.get("agent", f"/api/figures?{DAY}&agent={staff_id('colleague')}")
    assert other.status_code == 404
    assert (await stage.get("agent", f"/api/figures?{DAY}&agent=-")).status_code == 403
    page = (await stage.get("agent", f"/angka?{DAY}")).text
    assert 'value="agent"' not in page  # nobody else to group by or narrow to
    assert (await stage.get("planner", f"/api/figures?{DAY}")).status_code == 403  # no number of their own


async def test_who_has_no_business_there_is_kept_out(stage: FigureStage) -> None:
    for who in ("agent", "auditor"):
        for path in PATHS:
            assert (await stage.get(who, path)).status_code == 403
    for who in ("agent", "leader"):
        assert (await stage.get(who, "/angka/kanal")).status_code == 403
        assert (await stage.send(who, b"")).status_code == 403


async def test_every_look_is_on_the_trail_without_personal_values(stage: FigureStage) -> None:
    await stage.get("chief", f"/angka?{DAY}&by=agent&agent={staff_id('agent')}")
    await stage.get("chief", f"/angka/panggilan?{DAY}")
    await stage.get("chief", f"/api/figures/check?{DAY}")
    assert stage.acts == ["figures_viewed", "figure_calls_viewed", "figures_checked"]
    row = stage.parts.audit.rows[0]
    assert dict(row.data) == {
        "first": "2025-06-02", "last": "2025-06-02", "by": "agent", "interval": "day", "narrowed": "agent"
    }  # fmt: skip
    assert OWN not in str(stage.parts.audit.rows)


async def test_a_figure_leads_to_its_calls(stage: FigureStage) -> None:
    await _sealed(stage)
    page = (await stage.get("chief", f"/angka?{DAY}&by=team&interval=30min")).text
    links = re.findall(r'href="(/angka/panggilan\?[^"]+)"', page)
    alfa = next(one for one in links if "team=alfa" in one and "T01%3A00" in one and "count=acd_calls" in one)
    found = await stage.get(
        "chief", alfa.replace("&amp;", "&").replace("/angka/panggilan", "/api/figures/calls")
    )
    assert [one["call_id"][0] for one in found.json()["calls"]] == ["a"]  # of the half hour from 08.00
    shown = (await stage.get("chief", alfa.replace("&amp;", "&"))).text
    assert f'href="/rekaman/{RECORDED}"' in shown
    assert "02.06.2025 08.10.00" in shown
    assert "Melati" in shown
    assert OWN not in shown
    planner = await _answer(stage, "planner", DAY, "/api/figures/calls")
    assert [one["recordings"] for one in planner["calls"]] == [[], [], []]  # may not listen
    leader = await _answer(stage, "leader", DAY, "/api/figures/calls")
    assert [one["recordings"] for one in leader["calls"]] == [[RECORDED], []]
    given_up = await _answer(stage, "chief", f"{DAY}&count=abandoned", "/api/figures/calls")
    assert [(one["call_id"][0], one["outcome"], one["counts"]["waited_ms"]) for one in given_up["calls"]] == [
        ("c", "Ditutup penelepon", 90_000)
    ]


async def _sealed(stage: FigureStage) -> None:
    assert [one.audible for one in await stage.recordings.of_call("a" * 32)] == [True]


async def test_many_calls_come_in_pages(stage: FigureStage) -> None:
    for number in range(120):
        at = stage.figures.happened[0].at
        stage.figures.add(at, Counts(missed=1), Key(OWN, "alfa"), f"{number:032x}", "missed")
    seen: list[str] = []
    after = ""
    for _ in range(3):
        found = await _answer(stage, "chief", f"{DAY}&count=missed&after={after}", "/api/figures/calls")
        seen += [one["call_id"] for one in found["calls"]]
        after = found["after"]
    assert (len(seen), len(set(seen)), after) == (120, 120, "")
    page = (await stage.get("chief", f"/angka/panggilan?{DAY}&count=missed")).text
    assert 'hx-get="/api/figures/calls?' in page
    piece = (
        await stage.get("chief", f"/api/figures/calls?{DAY}&count=missed&after={seen[99]}", page=True)
    ).text
    assert piece.count("<tr>") == 20
    assert "<html" not in piece


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("since=2025-06-03&until=2025-06-02", 422),
        ("since=2025-01-01&until=2025-06-02&interval=15min", 422),
        ("since=1999-01-01", 422),
        ("since=2025-06-02&until=2025-06-02&figure=profit", 422),
        ("by=weather", 422),
        ("interval=minute", 422),
        ("agent=90000001", 422),
        (f"agent={'9' * 32}", 404),
        ("team=a%00b", 422),
        ("by=team&by=agent&by=queue&by=tier", 422),
        ("start=-1", 422),
    ],
)
async def test_a_question_without_an_answer_says_why(stage: FigureStage, query: str, status: int) -> None:
    answer = await stage.get("chief", f"/api/figures?{query}")
    assert answer.status_code == status
    assert answer.json()["message"]
    assert OWN not in answer.text


async def test_calls_that_cannot_be_asked_for_are_refused(stage: FigureStage) -> None:
    no_calls = await stage.get("chief", f"/api/figures/calls?{DAY}&count=staffed_ms")
    assert no_calls.status_code == 422
    for wrong in (
        "count=nothing",
        "at=9999-12-31T23:59:59Z",
        "at=0001-01-01T00:00:00Z",
        "at=2025-06-02T08:00:00",
    ):
        answer = await stage.get("chief", f"/api/figures/calls?{DAY}&interval=30min&{wrong}")
        assert (answer.status_code, bool(answer.json()["message"])) == (422, True), wrong
    long_check = await stage.get("chief", "/api/figures/check?since=2025-01-01&until=2025-06-02")
    assert long_check.status_code == 422


async def test_figures_that_cannot_be_read_are_said_to_be_so(stage: FigureStage) -> None:
    stage.figures.broken = True
    for path in ("/angka", "/api/figures", "/api/figures/calls", "/api/figures/week"):
        assert (await stage.get("chief", f"{path}?{DAY}")).status_code == 503


async def test_the_form_as_it_is_sent_empty_is_a_question(stage: FigureStage) -> None:
    empty = "&".join(
        f"{name}=" for name in ("since", "until", "by", "by", "team", "agent", "queue", "compare")
    )
    page = await stage.get("chief", f"/angka?{empty}&interval=day&figure=aht&shown=service")
    assert page.status_code == 200
    assert "Tidak ada data untuk pilihan ini." in page.text


async def test_the_week_is_a_heat_map(stage: FigureStage) -> None:
    found = await _answer(
        stage, "chief", "since=2025-05-26&until=2025-06-08&figure=incoming", "/api/figures/week"
    )
    assert found["columns"] == ["Senin", "Selasa", "Rabu", "Kamis", "Jumat"]
    # two Mondays: 08.00 one call, 08.30 one and one, 09.00 two; the mean of one Monday
    assert [(row["name"], row["cells"][0]["value"], row["cells"][0]["level"]) for row in found["rows"]] == [
        ("08.00", 0.5, 3), ("08.30", 1.0, 5), ("09.00", 1.0, 5),
    ]  # fmt: skip
    figure = await _answer(stage, "chief", f"{DAY}&figure=aht", "/api/figures/week")
    # 08.00 call a: 240 + 30 + 60; 08.30 call b: 180 + 30; 09.00 call d: 120 + 24
    assert [row["cells"][0]["text"] for row in figure["rows"]] == ["5:30", "3:30", "2:24"]
    assert figure["rows"][0]["cells"][1] == {"value": None, "text": "–", "level": None}
    piece = (await stage.get("chief", f"/api/figures/week?{DAY}&figure=aht", page=True)).text
    assert 'class="number heat-5">5:30' in piece
    assert 'class="number heat-1">2:24' in piece


async def test_roll_ups_are_checked_against_the_record(
    stage: FigureStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    equal = await _answer(stage, "chief", f"{DAY}&by=agent&interval=30min", "/api/figures/check")
    assert (equal["differing"], equal["fields"]) == (0, [])
    assert equal["lines"] > 4
    late = Happened(stage.figures.happened[0].at, Counts(missed=1), Key(OWN, "alfa"), "7" * 32)
    anew = MemoryFigures([*stage.figures.happened, late])
    monkeypatch.setattr(MemoryFigures, "recomputed", lambda _, question: anew.lines(question))
    differs = await _answer(stage, "chief", DAY, "/api/figures/check")
    assert (differs["differing"], differs["fields"]) == (1, ["missed"])
    piece = (await stage.get("chief", f"/api/figures/check?{DAY}", page=True)).text
    assert "Tawaran tak terjawab" in piece


async def test_files_have_every_line_and_every_figure(stage: FigureStage) -> None:
    stage.figures.add(stage.figures.happened[0].at, Counts(missed=1), Key(team="=1+1"), "8" * 32)
    answer = await stage.get("chief", f"/api/figures/file?{DAY}&by=team&interval=whole&file=csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    head, lines = rows[0], {row[1]: row for row in rows[1:]}
    assert answer.headers["content-disposition"].endswith("angka-2025-06-02-2025-06-02.csv")
    at = head.index("AHT")
    assert head[at : at + 3] == ["AHT", "AHT: pembilang", "AHT: penyebut"]
    assert lines["alfa"][at : at + 3] == ["270.000000", "540000", "2"]
    assert lines["beta"][at : at + 3] == ["144.000000", "144000", "1"]
    assert lines["alfa"][head.index("Waktu masuk")] == "14400000"
    waits = [head.index(name) for name in ("Panggilan masuk", "Dijawab", "Tingkat layanan: penyebut")]
    assert [lines["alfa"][place] for place in waits] == ["", "", ""]  # of queues, not known by team
    assert [lines["(tanpa tim)"][place] for place in waits] == ["4", "3", "4"]
    assert "'=1+1" in lines
    book = await stage.get("chief", f"/api/figures/file?{DAY}&by=team&interval=whole&file=xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert [row[1] for row in sheet[1:]] == [row[1].removeprefix("'") for row in rows[1:]]
    alfa = sheet[[row[1] for row in sheet].index("alfa")]
    assert alfa[at : at + 3] == [270.0, 540_000.0, 2.0]  # numbers, to reckon with
    assert alfa[waits[0]] == ""
    assert "figures_downloaded" in stage.acts


async def test_why_there_is_no_file_is_told_as_a_page(
    stage: FigureStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (await stage.get("chief", f"/angka?{DAY}&by=team")).text
    link = re.findall(r'href="(/angka/berkas\?file=csv[^"]+)"', page)[0].replace("&amp;", "&")
    assert (await stage.get("chief", link)).headers["content-type"].startswith("text/csv")
    for word, said in (("busy", "Dua berkas"), ("slow", "sepuluh menit"), ("failed", "tidak dapat dibuat")):
        stage.files.trouble = FileNotMade(word)
        answer = await stage.get("chief", link)
        assert (answer.status_code, said in answer.text) == (503, True)
    stage.files.trouble = None
    monkeypatch.setattr("service.figure_file_process.MOST_FILE_LINES", 1)
    refused = await stage.get("chief", f"{link}&interval=30min")
    assert refused.status_code == 422
    assert "200.000 baris" in refused.text


async def test_definitions_are_told_in_both_languages(stage: FigureStage) -> None:
    found = (await stage.get("chief", "/api/figures/definitions")).json()
    assert [one["code"] for one in found] == list(FORMULAS)
    aht = next(one for one in found if one["code"] == "aht")
    assert aht["numerator"] == ["acd_ms", "hold_ms", "wrap_up_ms"]
    assert aht["denominator"] == ["acd_calls"]
    assert not aht["assumed"]
    assert next(one for one in found if one["code"] == "service_level")["assumed"]
