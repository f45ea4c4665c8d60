"""Files on their way in: pieces, cut lines, what is refused, what is left behind."""

import asyncio
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.web.list_stage import COLUMNS, CSV, ORDER, asked_raw, list_stage
from web import list_uploads
from web.app import LARGEST_BODY
from web.list_uploads import BEING_SENT, KEPT, LARGEST_FILE, MOST_OPEN, PIECE

XLSX = b"PK\x03\x04" + b"0" * 60


def test_a_piece_is_smaller_than_the_largest_body() -> None:
    assert PIECE < LARGEST_BODY < LARGEST_FILE


async def test_a_file_far_larger_than_a_body_arrives_whole_in_a_private_folder(tmp_path: Path) -> None:
    stage = list_stage(tmp_path)
    content = b"NPWP,Nama,HP\n" + bytes(range(48, 58)) * 250_000
    assert len(content) > 2 * LARGEST_BODY
    upload_id = await stage.begin(content=content)
    at = 0
    while at < len(content):
        answer = await stage.piece("manager", upload_id, at, content[at : at + PIECE])
        assert answer.status_code == 200, answer.text
        at = answer.json()["received"]
    assert answer.json()["complete"]
    [path] = stage.files
    assert path.read_bytes() == content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_a_cut_line_leaves_the_file_as_it_was_and_sending_goes_on(tmp_path: Path) -> None:
    stage = list_stage(tmp_path)
    upload_id = await stage.begin()
    assert (await stage.piece("manager", upload_id, 0, CSV[:10])).json()["received"] == 10
    path, query = f"/api/lists/uploads/{upload_id}/pieces", "at=10"
    half: list[dict[str, Any]] = [
        {"type": "http.request", "body": CSV[10:20], "more_body": True},
        {"type": "http.disconnect"},
    ]
    status, _ = await asked_raw(stage, path, query, half)
    assert status == 400
    assert stage.files[0].read_bytes() == CSV[:10]
    seen = (await stage.get("manager", f"/api/lists/uploads/{upload_id}")).json()
    assert (seen["received"], seen["complete"]) == (10, False)
    early = await stage.post("manager", f"/api/lists/uploads/{upload_id}/inspect", {})
    assert early.status_code == 409
    assert (await stage.piece("manager", upload_id, 10, CSV[10:])).json()["complete"]
    assert stage.files[0].read_bytes() == CSV


async def test_a_piece_that_comes_twice_is_written_once(tmp_path: Path) -> None:
    stage = list_stage(tmp_path)
    upload_id = await stage.begin()
    answers = await asyncio.gather(*(stage.piece("manager", upload_id, 0, CSV[:20]) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    late = next(answer for answer in answers if answer.status_code == 409)
    assert late.json()["received"] == 20
    assert (await stage.piece("manager", upload_id, 20, CSV[20:])).json()["complete"]
    assert stage.files[0].read_bytes() == CSV


async def test_two_files_at_once_do_not_mix(tmp_path: Path) -> None:
    stage = list_stage(tmp_path)
    first, second = CSV, CSV.replace(b"Satu", b"Dua")
    ids = [await stage.begin("manager", first), await stage.begin("second", second)]
    for at in range(0, max(len(first), len(second)), 16):
        for who, upload_id, content in (("manager", ids[0], first), ("second", ids[1], second)):
            if part := content[at : at + 16]:
                assert (await stage.piece(who, upload_id, at, part)).status_code == 200
    found = {path.stem: path.read_bytes() for path in stage.files}
    assert found == {ids[0]: first, ids[1]: second}


@pytest.mark.parametrize(
    ("kind", "content", "field"),
    [
        ("csv", XLSX, "file"),
        ("csv", b"%PDF-1.7 rahasia", "file"),
        ("xlsx", CSV, "file"),
        ("xls", XLSX, "file"),
        ("ods", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file"),
    ],
)
async def test_a_file_that_is_not_what_it_says_is_refused(
    tmp_path: Path, kind: str, content: bytes, field: str
) -> None:
    stage = list_stage(tmp_path)
    upload_id = await stage.begin(content=content, kind=kind)
    answer = await stage.piece("manager", upload_id, 0, content)
    assert answer.status_code == 422
    assert answer.json()["fields"][0]["field"] == field
    assert stage.files == []


async def test_what_is_too_large_or_not_announced_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = list_stage(tmp_path)
    huge = await stage.post("manager", "/api/lists/uploads", {"kind": "csv", "size": LARGEST_FILE + 1})
    assert huge.status_code == 422
    upload_id = await stage.begin()
    assert (await stage.piece("manager", upload_id, 0, b"a" * (PIECE + 1))).status_code == 413
    assert (await stage.piece("manager", upload_id, 0, CSV + b"more")).status_code == 422
    assert (await stage.piece("manager", upload_id, 0, b"")).status_code == 422
    assert stage.files[0].read_bytes() == b""
    unknown = await stage.post("manager", "/api/lists/uploads", {"kind": "pdf", "size": 10})
    assert unknown.status_code == 422
    monkeypatch.setattr(list_uploads, "LEFT_FREE", 2**60)
    full = await stage.post("manager", "/api/lists/uploads", {"kind": "csv", "size": 10})
    assert full.status_code == 503


async def test_a_file_is_its_senders_alone(tmp_path: Path) -> None:
    stage = list_stage(tmp_path)
    upload_id = await stage.sent()
    address = f"/api/lists/uploads/{upload_id}"
    assert (await stage.get("second", address)).status_code == 404
    assert (await stage.piece("second", upload_id, 0, CSV)).status_code == 404
    assert (await stage.post("second", f"{address}/inspect", {})).status_code == 404
    async with stage.client("second") as client:
        assert (await client.delete(address)).status_code == 404
    assert len(stage.files) == 1
    async with stage.client("manager") as client:
        assert (await client.delete(address)).status_code == 204
    assert stage.files == []


async def test_nobody_keeps_many_files_and_none_for_long(tmp_path: Path) -> None:
    stage = list_stage(tmp_path)
    for _ in range(MOST_OPEN):
        await stage.begin()
    more = await stage.post("manager", "/api/lists/uploads", {"kind": "csv", "size": 10})
    assert more.status_code == 409
    stage.watch.later(KEPT + 1)
    await stage.begin("second")
    assert len(stage.files) == 1
    stage.door.close()
    assert stage.files == []


async def test_files_that_were_left_alone_keep_nobody_from_sending_another(tmp_path: Path) -> None:
    """A page that was closed, or a file whose columns were wrong, cancels nothing."""
    stage = list_stage(tmp_path)
    sent = await stage.sent()
    stage.watch.later(1.0)
    cut_off = [await stage.begin() for _ in range(MOST_OPEN - 1)]
    await stage.begin()
    assert (await stage.get("manager", f"/api/lists/uploads/{sent}")).status_code == 404
    more = await stage.post("manager", "/api/lists/uploads", {"kind": "csv", "size": 10})
    assert more.status_code == 409  # these are being sent
    stage.watch.later(BEING_SENT + 1)
    assert (await stage.piece("manager", cut_off[0], 0, CSV[:10])).status_code == 200
    await stage.begin()
    addresses = [f"/api/lists/uploads/{one}" for one in cut_off]
    assert [(await stage.get("manager", one)).status_code for one in addresses] == [200, 404, 200]
    assert len(stage.files) == MOST_OPEN


async def test_a_file_of_another_kind_is_not_kept(tmp_path: Path) -> None:
    stage = list_stage(tmp_path)
    for _ in range(MOST_OPEN + 1):
        upload_id = await stage.begin()
        assert (await stage.piece("manager", upload_id, 0, XLSX[:20])).status_code == 422
    assert stage.files == []


async def test_a_service_without_the_token_takes_no_piece(tmp_path: Path) -> None:
    stage = list_stage(tmp_path)
    upload_id = await stage.begin()
    async with stage.client("manager") as client:
        del client.headers["x-csrf-token"]
        answer = await client.put(f"/api/lists/uploads/{upload_id}/pieces?at=0", content=CSV)
    assert answer.status_code == 403
    assert stage.files[0].read_bytes() == b""


async def test_of_two_who_load_the_same_file_one_does(tmp_path: Path) -> None:
    stage = list_stage(tmp_path)
    body = {"upload_id": await stage.sent(), **ORDER, **COLUMNS}
    answers = await asyncio.gather(*(stage.post("manager", "/api/lists", body) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 404, 404]
    assert len(stage.imports.begun) == 1


async def test_what_nobody_goes_on_with_is_removed_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_uploads, "KEPT", 0.05)
    stage = list_stage(tmp_path)
    await stage.begin()
    assert len(stage.files) == 1
    stage.watch.later(1.0)
    async with asyncio.timeout(20):
        while stage.files:
            await asyncio.sleep(0.01)
