"""Chat and e-mail counts by import: taken in whole, or refused with line, column and remedy."""

from datetime import date

import pytest

from reporting.channels import ChannelRow
from tests.web.figure_stage import FigureStage, figure_stage
from tests.web.page_parts import COLLEAGUE, OWN

HEAD = "tanggal,nomor_petugas,tim,chat_dijawab,chat_sesuai_sla,email_ditugaskan,email_dijawab\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> FigureStage:
    return figure_stage(tmp_path_factory.mktemp("figures"))


@pytest.fixture
async def stage(made: FigureStage) -> FigureStage:
    await made.begin_anew()
    return made


async def test_a_file_is_taken_in_and_replaces_what_was_there(stage: FigureStage) -> None:
    first = await stage.send(
        "chief", f"{HEAD}2025-06-02,{OWN},,40,36,10,9\n2025-06-02,,beta,7,7,0,0\n".encode()
    )
    assert first.status_code == 200
    assert {name: first.json()[name] for name in ("taken", "rows", "new", "replaced", "same", "wrong")} == {
        "taken": True, "rows": 2, "new": 2, "replaced": 0, "same": 0, "wrong": 0
    }  # fmt: skip
    again = await stage.send(
        "planner", f"{HEAD}2025-06-02,{OWN},,41,36,10,9\n2025-06-02,,beta,7,7,0,0\n".encode()
    )
    assert [again.json()[name] for name in ("new", "replaced", "same")] == [0, 1, 1]
    day = date(2025, 6, 2)
    assert stage.channels.kept == {
        (day, OWN, ""): ChannelRow(day, OWN, "", 41, 36, 10, 9),
        (day, "", "beta"): ChannelRow(day, "", "beta", 7, 7, 0, 0),
    }
    assert stage.acts == ["channels_taken", "channels_taken"]
    listed = (await stage.get("chief", "/api/figures/channels")).json()["imports"]
    assert [(one["by"], one["new"], one["replaced"]) for one in listed] == [
        ("Contoh planner", 0, 1), ("Contoh chief", 2, 0)
    ]  # fmt: skip
    page = (await stage.get("chief", "/angka/kanal")).text
    assert "Contoh planner" in page
    assert "02.06.2025–02.06.2025" in page


async def test_with_one_mistake_nothing_is_kept(stage: FigureStage) -> None:
    sent = (
        f"{HEAD}2025-06-02,{OWN},,40,36,10,9\n2025-06-02,99999999,,1,2,0,0\n02.13.2025,{COLLEAGUE},,x,0,0,0\n"
    )
    answer = await stage.send("chief", sent.encode())
    assert answer.status_code == 200
    found = answer.json()
    assert (found["taken"], found["wrong"], found["rows"]) == (False, 4, 0)
    assert [(one["line"], one["field"], one["value"]) for one in found["mistakes"]] == [
        (3, "nomor_petugas", "…9999"), (3, "chat_sesuai_sla", "2"),
        (4, "tanggal", "02.13.2025"), (4, "chat_dijawab", "x"),
    ]  # fmt: skip
    assert all(one["remedy"].endswith(".") for one in found["mistakes"])
    assert stage.channels.kept == {}
    assert stage.acts == []
    piece = (await stage.send("chief", sent.encode(), page=True)).text
    assert "Berkas ditolak" in piece
    assert "…9999" in piece
    assert "99999999" not in piece


async def test_what_is_no_file_is_refused(stage: FigureStage) -> None:
    for content in (b"", b"\xff\xfe\x00", b"PK\x03\x04\x00\x00"):
        answer = await stage.send("chief", content)
        assert (answer.status_code, answer.json()["taken"]) == (200, False)
    assert stage.channels.kept == {}
