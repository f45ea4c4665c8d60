"""Errors as page, piece and JSON."""

import ast
import json
from dataclasses import replace
from pathlib import Path
from typing import Literal

import httpx
import pytest
import structlog
from fastapi import HTTPException
from pydantic import BaseModel, Field, field_validator
from structlog.testing import capture_logs

from acd.requests import Refused
from tests.web.page_parts import CSRF, PageParts, page_app
from web import errors
from web.errors import add_error_handlers, is_own_path, sign_in_address
from web.parts import Shared
from web.permissions import Permission
from web.texts import Texts

SECRET = "0812-9999-7777"


class Body(BaseModel, extra="forbid"):
    name: str = Field(min_length=1, max_length=5)
    kind: Literal["one", "two"] = "one"
    count: int = Field(1, ge=1)
    phone: str = ""

    @field_validator("phone")
    @classmethod
    def right(cls, value: str) -> str:
        if value and not value.isdigit():
            raise ValueError("field.number" if "-" in value else f"{value} is bad")
        return value


def _routes(shared: Shared) -> None:
    @shared.guard.get("/api/broken", Permission.PUBLIC)
    async def broken() -> None:
        raise RuntimeError(f"cannot read {SECRET}")

    @shared.guard.get("/api/plain", Permission.PUBLIC)
    async def plain() -> None:
        raise HTTPException(409, "the call is over; load the page again", {"Retry-After": "3"})

    @shared.guard.get("/api/inner", Permission.PUBLIC)
    async def inner() -> None:
        raise HTTPException(422, "Character 3 is no letter and no digit. Remedy: leave it out.")

    @shared.guard.get("/api/named", Permission.PUBLIC)
    async def named() -> None:
        raise HTTPException(404, "common.lost")

    @shared.guard.get("/api/refused", Permission.PUBLIC)
    async def refused() -> None:
        raise Refused("no_phone", "The phone cannot be reached.")

    @shared.guard.post("/api/form", Permission.DESK_USE)
    async def form(body: Body) -> Body:
        return body

    @shared.guard.get("/page", Permission.DESK_USE)
    async def page() -> str:
        return "in"


@pytest.fixture
def parts() -> PageParts:
    made = page_app([])
    add_error_handlers(made.app, made.shared.render)
    _routes(made.shared)
    return made


def _problems(answer: httpx.Response) -> dict[str, str]:
    return {one["field"]: one["problem"] for one in answer.json()["fields"]}


async def test_what_nobody_foresaw_gets_a_number_that_is_in_the_log_without_its_values(
    parts: PageParts,
) -> None:
    structlog.reset_defaults()
    async with parts.client() as client:
        with capture_logs() as logged:
            answer = await client.get("/api/broken")
    assert answer.status_code == 500
    number = answer.json()["number"]
    (line,) = [line for line in logged if line["event"] == "unexpected error"]
    assert (line["error_number"], line["route"], line["kind"]) == (number, "/api/broken", "RuntimeError")
    assert "test_errors.py" in line["where"]
    assert SECRET not in answer.text
    assert SECRET not in json.dumps(logged)


async def test_the_number_is_on_the_piece_and_on_the_page_too(parts: PageParts) -> None:
    async with parts.client(page=True) as client:
        piece = await client.get("/api/broken")
    assert piece.status_code == 500
    assert "Nomor kesalahan" in piece.text
    assert "<html" not in piece.text
    async with parts.client() as client:
        page = await client.get("/nowhere", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert "<html" in page.text
    assert "tidak ditemukan" in page.text


async def test_an_error_says_what_is_wrong_in_english_and_to_people_in_their_language(
    parts: PageParts,
) -> None:
    async with parts.client() as client:
        plain = await client.get("/api/plain")
        named = await client.get("/api/named")
        refused = await client.get("/api/refused")
        inner = await client.get("/api/inner")
        piece = await client.get("/api/inner", headers={"hx-request": "true"})
    assert inner.json()["error"] == "Character 3 is no letter and no digit. Remedy: leave it out."
    assert inner.json()["message"] == "Tanda ke-3 bukan huruf atau angka. Hapus tanda itu."
    assert "Tanda ke-3" in piece.text and "Character" not in piece.text
    assert plain.headers["retry-after"] == "3"
    assert plain.json()["error"] == "the call is over; load the page again"
    assert plain.json()["message"] == "Tidak dapat dilakukan dalam keadaan sekarang."
    assert named.json()["error"].startswith("The connection to the service is lost.")
    assert named.json()["message"].startswith("Sambungan ke layanan terputus.")
    assert (refused.status_code, refused.json()["refused"]) == (409, "no_phone")
    assert refused.json()["message"].startswith("Telepon tidak dapat dijangkau.")


async def test_wrong_fields_are_named_with_the_remedy_and_never_repeated(parts: PageParts) -> None:
    body = {"kind": SECRET, "count": "0", "phone": SECRET, f"x{SECRET}": SECRET}
    async with parts.client() as client:
        answer = await client.post("/api/form", json=body)
        unread = await client.post(
            "/api/form", content=b"{" + SECRET.encode(), headers={"content-type": "application/json"}
        )
        own = await client.post("/api/form", json={"name": "toolong", "phone": f"x{'9' * 8}"})
    assert answer.status_code == 422
    assert _problems(answer) == {
        "name": "Wajib diisi.",
        "kind": "Pilih salah satu: 'one' atau 'two'.",
        "count": "Paling kecil 1.",
        "phone": "Tulis angka.",
        "?": "Isian ini tidak dikenal; hapus.",
    }
    assert _problems(own) == {"name": "Paling banyak 5 karakter.", "phone": "Isian belum benar."}
    assert unread.status_code == 422
    for text in (answer.text, unread.text, own.text):
        assert SECRET not in text
        assert "9999" not in text


async def test_a_piece_with_wrong_fields_can_be_put_beside_them(parts: PageParts) -> None:
    async with parts.client(page=True) as client:
        answer = await client.post("/api/form", json={"name": ""})
    assert 'data-problem-of="name" data-problem="Wajib diisi."' in answer.text


async def test_who_is_not_signed_in_gets_to_the_sign_in_page_and_back(parts: PageParts) -> None:
    async with parts.client("nobody") as stranger:
        page = await stranger.get("/page?tab=2", headers={"accept": "text/html"})
        program = await stranger.post("/api/form", json={})
    assert (page.status_code, page.headers["location"]) == (303, "/masuk?ke=/page%3Ftab%3D2")
    assert program.status_code == 401
    assert program.json()["error"] == "Sign in first."
    assert program.headers["www-authenticate"]
    async with parts.client("nobody", page=True) as stranger:
        here = {"hx-current-url": "http://127.0.0.1:8080/agen?x=1"}
        piece = await stranger.post("/api/form", json={}, headers=here)
        foreign = await stranger.post("/api/form", json={}, headers={"hx-current-url": "http://evil//evil"})
    assert (piece.status_code, piece.headers["hx-redirect"]) == (401, "/masuk?ke=/agen%3Fx%3D1")
    assert foreign.headers["hx-redirect"] == "/masuk"


@pytest.mark.parametrize(
    "address", ["//evil.example", "/\\evil.example", "http://evil.example", "", "/a\nb", "/\tevil"]
)
def test_the_way_back_never_leads_elsewhere(address: str) -> None:
    assert not is_own_path(address)
    assert sign_in_address(address) == "/masuk"


async def test_the_description_of_the_api_tells_errors_as_they_are(parts: PageParts) -> None:
    described = parts.app.openapi()
    answers = described["paths"]["/api/form"]["post"]["responses"]
    for status in ("401", "403", "422", "503"):
        schema = answers[status]["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/ErrorBody"}
    assert "HTTPValidationError" not in described["components"]["schemas"]
    async with parts.client("supervisor") as client:
        refused = await client.post("/api/form", json={}, headers={"x-csrf-token": CSRF})
    assert refused.status_code == 403
    assert set(refused.json()) == {"error", "message", "fields"}


async def test_a_piece_of_the_account_page_does_not_lead_to_that_page_again_and_again(
    parts: PageParts,
) -> None:
    parts.sessions.visitors["new"] = replace(parts.sessions.visitors["agent"], must_change=True)
    async with parts.client("new", page=True) as client:
        elsewhere = await client.get("/page", headers={"hx-current-url": "http://127.0.0.1:8080/agen"})
        assert (elsewhere.status_code, elsewhere.headers["hx-redirect"]) == (403, "/akun")
        there = await client.get("/page", headers={"hx-current-url": "http://127.0.0.1:8080/akun"})
        assert (there.status_code, "hx-redirect" in there.headers) == (403, False)


def test_whatever_a_route_refuses_with_has_a_text_in_both_languages() -> None:
    texts, refused = Texts.load(), 0
    for path in sorted(Path(errors.__file__).parent.glob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(call, ast.Call) and getattr(call.func, "id", "") == "HTTPException"):
                continue
            detail = call.args[1] if len(call.args) > 1 else None
            if isinstance(detail, ast.Constant):
                refused += 1
                assert str(detail.value) in texts, f"{path.name}:{call.lineno}"
            elif isinstance(detail, ast.JoinedStr):  # a family: `staff_fault.` and a word
                family = str(getattr(detail.values[0], "value", ""))
                assert any(name.startswith(family) for name in texts.names() if family), path.name
    assert refused > 50
