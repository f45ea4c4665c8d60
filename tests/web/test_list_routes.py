"""Lists: from a file to a list, the report, refused rows, approval by a second person."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from dialer.imports import FileFault, Progress
from dialer.lists import ListState
from dialer.mapping import MappingFault, Role
from tests.web.list_stage import COLUMNS, CSV, HEADER, ORDER, PEOPLE, a_list, list_stage, refused_row
from web.permissions import ROLES, Permission

ID = "1" * 32


def staff_id(who: str) -> str:
    return PEOPLE[who][1] * 32


async def test_a_file_becomes_a_list(tmp_path: Path) -> None:
    stage = list_stage(tmp_path)
    upload_id = await stage.sent()
    found = (
        await stage.post("manager", f"/api/lists/uploads/{upload_id}/inspect", {"source": "lama"})
    ).json()
    assert (found["encoding"], found["separator"], found["remembered"]) == ("utf-8", ",", True)
    assert [(one["header"], one["role"]) for one in found["columns"]] == [
        ("NPWP", "npwp"), ("Nama", "name"), ("HP", "number"),
    ]  # fmt: skip
    piece = await stage.post("manager", f"/api/lists/uploads/{upload_id}/inspect", {}, page=True)
    assert piece.status_code == 200
    assert 'name="column_0_role"' in piece.text
    assert "3201010101010001" not in piece.text
    form = {"upload_id": upload_id, **ORDER, **COLUMNS, "column_2_required": "true"}
    made = await stage.post("manager", "/api/lists", form, page=True)
    assert made.status_code == 201, made.text
    [(order, mapping, content)] = stage.imports.begun
    assert (order.order_number, order.cut_off.isoformat()) == ("ND-1/2026", "2026-03-01")
    assert {name: use.role for name, use in mapping.columns.items()} == {
        "NPWP": Role.NPWP, "Nama": Role.NAME, "HP": Role.NUMBER,
    }  # fmt: skip
    assert content == CSV
    assert stage.files == []
    list_id = next(iter(stage.lists.lists))
    assert made.headers["hx-redirect"] == f"/daftar/{list_id}"
    again = await stage.post("manager", "/api/lists", form)
    assert again.status_code == 404  # the file is not there any more
    seen = (await stage.get("manager", f"/api/lists/{list_id}")).json()
    assert (seen["progress"]["share"], seen["may_cancel"], seen["may_approve"]) == (0.4, True, False)
    page = await stage.get("manager", f"/daftar/{list_id}")
    assert 'hx-trigger="every 1s"' in page.text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cut_off": ""}, "cut_off"),
        ({"expires_on": "31-03-2026"}, "expires_on"),
        ({"requester": "anybody"}, "requester"),
        ({"kind": "anything"}, "kind"),
    ],
)
async def test_an_order_that_is_not_whole_is_refused_at_its_field(
    tmp_path: Path, change: dict[str, str], field: str
) -> None:
    stage = list_stage(tmp_path)
    upload_id = await stage.sent()
    body = {"upload_id": upload_id, **ORDER, **COLUMNS, **change}
    answer = await stage.post("manager", "/api/lists", body)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["fields"]] == [field]
    assert stage.imports.begun == []
    assert len(stage.files) == 1


async def test_columns_and_files_that_do_not_fit_are_told_and_the_file_stays(tmp_path: Path) -> None:
    stage = list_stage(tmp_path)
    upload_id = await stage.sent()
    stage.imports.mapping_fault = MappingFault.NUMBER_NEEDED
    answer = await stage.post("manager", "/api/lists", {"upload_id": upload_id, **ORDER, **COLUMNS})
    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "columns")
    assert len(stage.files) == 1
    stage.imports.fault = FileFault.NO_HEADER
    answer = await stage.post("manager", f"/api/lists/uploads/{upload_id}/inspect", {}, page=True)
    assert answer.status_code == 422
    assert "Lembar1" in answer.text


async def test_the_report_tells_why_rows_were_not_accepted_and_what_helps(tmp_path: Path) -> None:
    stage = list_stage(tmp_path)
    stage.lists.lists[ID] = a_list(ID, staff_id("manager"))
    seen = (await stage.get("leader", f"/api/lists/{ID}")).json()
    assert list(seen["overview"]["counts"].values()) == [10, 6, 2, 1, 1]
    assert {(one["reason"], one["fate"], one["rows"]) for one in seen["reasons"]} == {
        ("npwp_damaged", "rejected", 2),
        ("same_taxpayer_in_file", "duplicate", 1),
        ("do_not_call", "suppressed", 1),
    }
    assert all(one["words"] and one["remedy"] for one in seen["reasons"])
    page = await stage.get("leader", f"/daftar/{ID}")
    assert seen["reasons"][0]["remedy"] in page.text
    assert "/refused/file" not in page.text  # a team leader may not download them


async def test_a_list_that_broke_off_says_why(tmp_path: Path) -> None:
    stage = list_stage(tmp_path)
    stage.lists.lists[ID] = a_list(ID, staff_id("manager"), ListState.FAILED)
    stage.imports.reading[ID] = Progress(ID, ListState.FAILED, 3, 10, fault="interrupted")
    seen = (await stage.get("manager", f"/api/lists/{ID}")).json()
    assert seen["progress"]["fault"] == "interrupted"
    page = await stage.get("manager", f"/daftar/{ID}")
    assert seen["progress"]["message"] in page.text


async def test_nobody_approves_their_own_list(tmp_path: Path) -> None:
    stage = list_stage(tmp_path)
    stage.lists.lists[ID] = a_list(ID, staff_id("manager"))
    own, other = [await stage.get(who, f"/daftar/{ID}") for who in ("manager", "second")]
    assert "/approve" not in own.text
    assert "/approve" in other.text
    refused = await stage.post("manager", f"/api/lists/{ID}/approve")
    assert refused.status_code == 403
    assert stage.lists.lists[ID].state is ListState.LOADED
    done = await stage.post("second", f"/api/lists/{ID}/approve")
    assert (done.status_code, done.json()["overview"]["state"]) == (200, "approved")
    assert stage.lists.lists[ID].approved_by == staff_id("second")
    twice = await stage.post("chief", f"/api/lists/{ID}/approve")
    assert twice.status_code == 409
    assert stage.acts == [
        ("list_approved", "refused"), ("list_approved", "done"), ("list_approved", "refused"),
    ]  # fmt: skip
    withdrawn = await stage.post("chief", f"/api/lists/{ID}/withdraw")
    assert withdrawn.json()["overview"]["state"] == "withdrawn"
    assert withdrawn.json()["acts"][0]["words"] == "Ditarik"


async def test_refused_rows_are_seen_masked_and_page_by_page(tmp_path: Path) -> None:
    stage = list_stage(tmp_path)
    stage.lists.lists[ID] = a_list(ID, staff_id("manager"))
    stage.lists.rows[ID] = [refused_row(ID, row) for row in range(2, 252)]
    first = (await stage.get("leader", f"/api/lists/{ID}/refused")).json()
    assert (len(first["rows"]), first["rows"][0]["row"], first["next"]) == (100, 2, 101)
    last = (await stage.get("leader", f"/api/lists/{ID}/refused?after=201")).json()
    assert (len(last["rows"]), last["next"]) == (50, None)
    page = await stage.get("leader", f"/daftar/{ID}/ditolak")
    assert "…E+15" in page.text
    assert "81100000002" not in page.text
    assert "HYPERLINK" not in page.text


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_refused_rows_are_downloaded_to_mend_and_the_trail_says_so(tmp_path: Path, form: str) -> None:
    stage = list_stage(tmp_path)
    stage.lists.lists[ID] = a_list(ID, staff_id("manager"))
    stage.lists.rows[ID] = [refused_row(ID, row) for row in range(2, 5)]
    address = f"/api/lists/{ID}/refused/file?form={form}"
    assert (await stage.get("chief", address)).status_code == 403
    answer = await stage.get("manager", address)
    assert answer.status_code == 200
    rows = _rows(answer.content, form)
    assert tuple(rows[0][:3]) == HEADER
    assert len(rows) == 4
    assert rows[1][1] == ("'=HYPERLINK(1)" if form == "csv" else "=HYPERLINK(1)")
    assert rows[1][2] == ("'+6281100000002" if form == "csv" else "+6281100000002")
    assert rows[1][4] == "NPWP rusak oleh lembar sebar"
    assert stage.acts == [("list_refused_downloaded", "done")]
    assert [event.what for event in stage.lists.events[ID]] == ["exported"]
    assert ID not in answer.headers["content-disposition"]
    assert stage.files == []


def _rows(content: bytes, form: str) -> list[list[Any]]:
    if form == "csv":
        assert content.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


GETS = {
    "/daftar": Permission.CAMPAIGN_VIEW,
    "/daftar/baru": Permission.LIST_LOAD,
    f"/daftar/{ID}": Permission.CAMPAIGN_VIEW,
    f"/daftar/{ID}/ditolak": Permission.CAMPAIGN_VIEW,
    "/api/lists": Permission.CAMPAIGN_VIEW,
    f"/api/lists/{ID}/refused/file": Permission.CAMPAIGN_RESULTS,
}


@pytest.mark.parametrize("who", PEOPLE)
async def test_pages_are_for_those_who_may(tmp_path: Path, who: str) -> None:
    stage = list_stage(tmp_path)
    stage.lists.lists[ID] = a_list(ID, staff_id("second"))
    rights = ROLES[PEOPLE[who][0]]
    for address, permission in GETS.items():
        answer = await stage.get(who, address)
        assert answer.status_code == (200 if permission in rights else 403), (who, address)
    answer = await stage.post(who, "/api/lists/uploads", {"kind": "csv", "size": 1})
    assert answer.status_code == (201 if Permission.LIST_LOAD in rights else 403)
    answer = await stage.post(who, f"/api/lists/{ID}/cancel")
    assert answer.status_code == (409 if Permission.LIST_LOAD in rights else 403)


async def test_a_list_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    stage = list_stage(tmp_path)
    for address in (f"/api/lists/{ID}", f"/api/lists/{ID}/refused", f"/api/lists/{ID}/refused/file"):
        answer = await stage.get("manager", address)
        assert (answer.status_code, answer.json()["message"]) == (404, "Daftar ini tidak ditemukan.")
    assert (await stage.post("manager", f"/api/lists/{ID}/approve")).status_code == 404


async def test_reading_can_be_broken_off(tmp_path: Path) -> None:
    stage = list_stage(tmp_path)
    stage.lists.lists[ID] = a_list(ID, staff_id("manager"), ListState.LOADING)
    stage.imports.reading[ID] = Progress(ID, ListState.LOADING, 1, 10)
    answer = await stage.post("manager", f"/api/lists/{ID}/cancel")
    assert answer.json()["overview"]["state"] == "failed"
    assert (await stage.post("manager", f"/api/lists/{ID}/cancel")).status_code == 409
