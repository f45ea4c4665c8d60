"""The form of figures keeps what was filled in; what waits belongs to queues, and a team's page says so."""

import re

import pytest

from tests.web.figure_stage import CAMPAIGN, DAY, FigureStage, figure_stage, staff_id
from tests.web.page_parts import OWN

_ALL_SENT = (
    f"interval=30min&by=team&by=queue&figure=crm&compare=year&queue=efin&campaign={CAMPAIGN}&shown=service"
)
_OF_QUEUES = "milik antrean, belum milik siapa pun"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> FigureStage:
    return figure_stage(tmp_path_factory.mktemp("figures"))


@pytest.fixture
async def stage(made: FigureStage) -> FigureStage:
    await made.begin_anew()
    return made


def _field(page: str, element: str) -> str:
    """Return the field whose input has this id."""
    fields = re.findall(r'<div class="field".*?</div>', page, re.S)
    return str(next(one for one in fields if f'id="{element}"' in one))


def _chosen(page: str, element: str) -> str:
    found = re.search(r'<option value="([^"]*)" selected>', _field(page, element))
    return found[1] if found else ""


def _error(page: str, element: str) -> str:
    """Return what is said beside a field; empty: nothing."""
    found = re.search(r'<p class="error"[^>]*>([^<]*)</p>', _field(page, element))
    return found[1] if found else ""


@pytest.mark.parametrize(
    ("wrong", "element", "said"),
    [
        ("since=2025-01-01&until=2025-06-02", "field-until", "paling banyak 93 hari"),
        ("since=2025-06-03&until=2025-06-02", "field-until", "lebih awal"),
        ("since=kemarin&until=2025-06-02", "field-since", "Tulis tanggal"),
        ("since=1999-01-01&until=2025-06-02", "field-since", "Tulis tanggal"),
        ("since=2025-06-02&until=2025-02-31", "field-until", "Tulis tanggal"),
    ],
)
async def test_a_wrong_day_keeps_the_form_as_it_was_filled(
    stage: FigureStage, wrong: str, element: str, said: str
) -> None:
    answer = await stage.get("chief", f"/angka?{wrong}&{_ALL_SENT}")
    page = answer.text
    assert answer.status_code == 422
    assert said in _error(page, element)
    assert 'aria-invalid="true"' in _field(page, element)
    for name, value in (one.split("=") for one in wrong.split("&")):
        assert f'value="{value}"' in _field(page, f"field-{name}")
    kept = {
        "interval": "30min", "by": "team", "by-1": "queue", "figure": "crm", "compare": "year",
        "queue": "efin", "campaign": CAMPAIGN,
    }  # fmt: skip
    assert {name: _chosen(page, f"field-{name}") for name in kept} == kept
    assert '<input type="hidden" name="shown" value="service">' in page
    assert "<details open>" in page
    assert "Perbaiki isian yang ditandai" in page
    assert "all-title" not in page


@pytest.mark.parametrize(
    ("wrong", "element", "said"),
    [
        ("by=weather&by=queue", "field-by", "Pilih dari daftar"),
        ("by=queue&by=weather", "field-by-1", "Pilih dari daftar"),
        ("by=team&by=agent&by=queue&by=tier", "field-by", "paling banyak tiga"),
        ("interval=minute", "field-interval", "Pilih dari daftar"),
        ("figure=profit", "field-figure", "Pilih salah satu angka"),
        ("compare=never", "field-compare", "Pilih dari daftar"),
        (f"agent={'9' * 32}", "field-agent", "Agen itu tidak ada"),
        (f"agent={OWN}", "field-agent", "Bentuk isian"),
    ],
)
async def test_a_wrong_choice_is_said_beside_its_field(
    stage: FigureStage, wrong: str, element: str, said: str
) -> None:
    answer = await stage.get("chief", f"/angka?{DAY}&queue=efin&{wrong}")
    page = answer.text
    assert answer.status_code in (404, 422)
    assert said in _error(page, element)
    assert 'value="2025-06-02"' in _field(page, "field-since")
    assert _chosen(page, "field-queue") == "efin"
    sent = wrong.split("&")
    place = 1 if element.endswith("-1") else 0
    assert _chosen(page, element) == sent[place].partition("=")[2]  # as it was sent


async def test_what_is_wrong_with_no_field_is_said_above(stage: FigureStage) -> None:
    other = await stage.get("leader", f"/angka?{DAY}&team=beta&queue=efin")
    assert other.status_code == 403
    assert "Anda hanya dapat melihat angka tim Anda" in other.text
    assert _chosen(other.text, "field-queue") == "efin"
    assert "all-title" not in other.text
    stage.figures.broken = True
    away = await stage.get("chief", f"/angka?{DAY}&queue=efin")
    assert away.status_code == 503
    assert "Angka tidak dapat dibaca" in away.text
    assert _chosen(away.text, "field-queue") == "efin"


async def test_what_is_sent_is_written_as_text(stage: FigureStage) -> None:
    page = (await stage.get("chief", "/angka?since=%22%3E%3Cscript%3E&team=%3Cb%3E")).text
    assert "<script>" not in page
    assert "<b>" not in page
    assert "&lt;b&gt;" in page


async def test_a_value_that_is_not_offered_stays_chosen(stage: FigureStage) -> None:
    page = (await stage.get("chief", f"/angka?{DAY}&agent=-&queue=lama")).text
    assert _chosen(page, "field-agent") == "-"
    assert "(tanpa agen)" in _field(page, "field-agent")
    assert _chosen(page, "field-queue") == "lama"


# ---- What a team's page says of waiting calls


def _row(page: str, head: str) -> list[str]:
    """Return the cells of the line that begins with this, without tags."""
    rows = re.findall(r"<tr>.*?</tr>", page, re.S)
    row = next(one for one in rows if re.search(rf"<th[^>]*>(<a[^>]*>)?{re.escape(head)}", one))
    return [re.sub(r"<[^>]+>|\s+", " ", one).strip() for one in re.findall(r"<td.*?</td>", row, re.S)]


async def test_a_team_leaders_page_says_that_waiting_calls_belong_to_queues(stage: FigureStage) -> None:
    page = (await stage.get("leader", f"/angka?{DAY}&shown=service&figure=service_level")).text
    assert page.count(_OF_QUEUES) == 1
    assert page.count("Angka ini tentang panggilan yang menunggu") == 2  # in place of course and week
    assert "<svg" not in page.split("course-title")[-1]
    assert _row(page, "Tingkat layanan")[0] == "milik antrean, tidak per tim"
    assert _row(page, "PAI")[1].startswith("2")  # the team's own calls are known
    assert _row(page, "PAI")[2].startswith("–")
    assert _row(page, "Senin 02.06.2025") == ["milik antrean, tidak per tim"]
    assert 'colspan="9"' in page
    assert "/api/figures/week" not in page
    found = (await stage.get("leader", f"/api/figures?{DAY}")).json()
    assert found["span"]["total"]["waiting_known"] is False
    assert [one["waiting_known"] for one in found["lines"]] == [False]
    week = (await stage.get("leader", f"/api/figures/week?{DAY}&figure=incoming")).json()
    assert week["rows"] == []
    calls = (await stage.get("leader", f"/angka/panggilan?{DAY}&count=incoming")).text
    assert _OF_QUEUES in calls
    english = (await stage.get("english_leader", f"/angka?{DAY}&shown=service")).text
    assert "belongs to a queue and to nobody yet" in english
    assert _row(english, "Monday 02.06.2025") == ["of queues, not by team"]


async def test_all_queues_are_shown_to_who_sees_all(stage: FigureStage) -> None:
    page = (await stage.get("chief", f"/angka?{DAY}&shown=service")).text
    assert _OF_QUEUES not in page
    assert _row(page, "Senin 02.06.2025")[:3] == ["4", "3", "1"]
    by_team = await stage.get("chief", f"/angka?{DAY}&shown=service&by=team&interval=whole")
    lines = re.findall(r"<tr>.*?</tr>", by_team.text.split("lines-title")[-1], re.S)[1:]
    assert ["colspan" in one for one in lines] == [True, True, False]  # alfa, beta, those without a team
    assert _OF_QUEUES in by_team.text
    narrowed = (await stage.get("chief", f"/api/figures?{DAY}&agent={staff_id('agent')}")).json()
    assert narrowed["span"]["total"]["waiting_known"] is False


async def test_productivity_shows_a_team_what_is_its_own(stage: FigureStage) -> None:
    cells = _row((await stage.get("leader", f"/angka?{DAY}")).text, "Senin 02.06.2025")
    assert cells[0] == "2"
    assert "milik antrean, tidak per tim" in cells  # PAI divides by incoming calls
    assert "4:30" in cells  # AHT
