"""Beside an outbound call: the contact, its code, and what came of it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import pytest

from desk.standing import Rung, Standing
from dialer.disposed import NO_DISPOSITION
from dialer.reasons import WhyNot
from tests.unit.outbound_world import FIRST_KEY, NAME, NPWP, NUMBERS, TAXPAYER_KEY
from tests.web.outbound_doubles import CALLED, OutboundApp, nothing_said
from tests.web.page_parts import CALL, OTHER_CALL, OWN


@pytest.fixture
def app() -> OutboundApp:
    return OutboundApp()


async def _get(
    app: OutboundApp, what: str, call: str = CALL, *, page: bool = False, role: str = "agent"
) -> httpx.Response:
    async with app.parts.client(role, page=page) as client:
        return await client.get(f"/api/calls/{call}/{what}")


async def _give(app: OutboundApp, body: dict[str, Any], *, page: bool = False) -> httpx.Response:
    async with app.parts.client(page=page) as client:
        return await client.post(f"/api/calls/{CALL}/disposition", json=body)


async def test_the_contact_shows_what_greets_and_decides_and_no_number_whole(app: OutboundApp) -> None:
    answer = await _get(app, "outbound", page=True)
    for shown in (NAME, "1770", "Karyawan", "…0001", "…0111", "483 920", "11.00 WITA"):
        assert shown in answer.text
    assert "menyebutkan kode verifikasi 483 920" in answer.text
    assert "Jangan pernah meminta kata sandi" in answer.text
    for piece in (answer.text, (await _get(app, "outbound")).text):
        assert not [value for value in (NPWP, *NUMBERS, "rahasia") if value in piece]


async def test_every_view_of_a_contact_is_on_the_trail(app: OutboundApp) -> None:
    for page in (True, False):
        await _get(app, "outbound", page=page)
    assert [(row.act, row.subject, row.why) for row in app.acts] == [
        ("outbound_contact_viewed", "lead:7", f"call:{CALL}")
    ] * 2


async def test_fields_are_marked_until_ownership_is_proved(app: OutboundApp) -> None:
    assert "sampaikan setelah PORO" in (await _get(app, "outbound", page=True)).text
    app.parts.standings.standings[CALL] = Standing(CALL, Rung.FULL, "t-1", may_climb=True)
    assert "sampaikan setelah PORO" not in (await _get(app, "outbound", page=True)).text


async def test_a_call_of_no_campaign_has_neither_contact_nor_disposition(app: OutboundApp) -> None:
    app.desk.calls = {}
    for what in ("outbound", "disposition"):
        assert (await _get(app, what)).json() is None
        assert (await _get(app, what, page=True)).text.strip() == ""
    assert (await _give(app, {"code": "refused"})).status_code == 409
    assert app.acts == []


async def test_whoever_rings_back_is_shown_as_such_and_needs_no_disposition(app: OutboundApp) -> None:
    app.desk.calls[CALL] = replace(CALLED, attempt_id="f" * 32, placed=False)
    assert "menghubungi balik" in (await _get(app, "outbound", page=True)).text
    assert (await _get(app, "disposition")).json()["needed"] is False


async def test_a_contact_is_gone_with_the_call(app: OutboundApp) -> None:
    app.over()
    assert (await _get(app, "outbound")).json() is None
    assert app.acts == []


async def test_only_whoever_has_the_call_sees_the_contact(app: OutboundApp) -> None:
    assert (await _get(app, "outbound", OTHER_CALL)).status_code == 403
    assert (await _get(app, "disposition", OTHER_CALL)).status_code == 403
    for role in ("supervisor", "quality", "campaign_manager", "administrator"):
        assert (await _get(app, "outbound", role=role)).status_code == 403
    assert app.acts == []


async def test_a_disposition_is_needed_and_chosen_by_digit(app: OutboundApp) -> None:
    view = (await _get(app, "disposition")).json()
    assert view["needed"] is True
    assert {one["code"]: one["digit"] for one in view["offered"]}["promised_to_file"] == 1
    page = (await _get(app, "disposition", page=True)).text
    assert 'data-digit="9"' in page
    assert "topic=data_update" in page


async def test_what_follows_is_said_back(app: OutboundApp) -> None:
    answer = await _give(
        app, {"code": "promised_to_file", "promised_on": "2026-06-30", "day": "", "clock": ""}
    )
    given = answer.json()["given"]
    assert given["follows"] == ["Janji paling lambat 30.06.2026.", "Tidak dihubungi lagi dalam campaign ini."]
    assert answer.json()["needed"] is False
    assert answer.headers["hx-trigger"] == "dispositionchanged"
    row = app.acts[-1]
    assert (row.act, row.subject, row.data) == ("outbound_disposed", "lead:7", {"code": "promised_to_file"})


async def test_a_callback_is_taken_on_the_callees_clock(app: OutboundApp) -> None:
    body = {"code": "callback", "day": "2026-06-03", "clock": "14:00", "owner": "mine"}
    answer = await _give(app, body)
    assert answer.json()["given"]["follows"] == ["Anda menelepon kembali 03.06.2026 14.00 WITA."]
    row = app.desk.done[-1].row
    assert row.due_at == datetime.fromisoformat("2026-06-03T06:00:00+00:00")
    assert row.owner == OWN
    answer = await _give(app, {**body, "owner": "anyone"})
    assert "oleh siapa saja" in answer.json()["given"]["follows"][0]
    assert app.desk.done[-1].row.number == 2


async def test_a_callback_outside_the_window_is_answered_beside_the_field(app: OutboundApp) -> None:
    body = {"code": "callback", "day": "2026-06-03", "clock": "17:00"}
    answer = await _give(app, body)
    assert answer.status_code == 422
    assert answer.json()["fields"][0]["field"] == "clock"
    assert "Terdekat: 04.06.2026 08.00 WITA" in answer.json()["message"]
    assert answer.json()["nearest_at"] == "2026-06-04T08:00:00+08:00"
    page = await _give(app, body, page=True)
    assert 'data-problem-of="clock"' in page.text


async def test_the_time_that_is_suggested_is_granted(app: OutboundApp) -> None:
    for minutes in (0, 200, 60 * 24 * 2 + 11):  # in the morning, late in their day, before a weekend
        app.desk.clock.minutes = minutes
        view = (await _get(app, "disposition")).json()
        answer = await _give(app, {"code": "callback", "day": view["day"], "clock": view["clock"]})
        assert answer.status_code == 200, answer.text


async def test_nobody_is_taken_off_every_list_by_a_slip(app: OutboundApp) -> None:
    assert (await _give(app, {"code": "do_not_call"})).json()["fields"][0]["field"] == "confirmed"
    assert app.desk.done == []
    answer = await _give(app, {"code": "do_not_call", "confirmed": True})
    assert "campaign mana pun" in answer.json()["given"]["follows"][-1]
    assert app.desk.done[-1].suppress == {
        TAXPAYER_KEY: WhyNot.DO_NOT_CALL,
        FIRST_KEY: WhyNot.DO_NOT_CALL,
    }


async def test_a_disposition_is_final_with_the_call_but_a_missing_one_may_be_given(app: OutboundApp) -> None:
    await _give(app, {"code": "refused"})
    app.over()
    assert (await _give(app, {"code": "no_proof"})).status_code == 409
    app.desk.given[CALL] = [nothing_said()]
    view = (await _get(app, "disposition")).json()
    assert (view["may_change"], view["given"]["code"]) == (True, NO_DISPOSITION)
    assert (await _give(app, {"code": "no_proof"})).status_code == 200
    assert (await _give(app, {"code": "refused"})).status_code == 409


async def test_a_code_that_the_campaign_does_not_offer_is_refused(app: OutboundApp) -> None:
    answer = await _give(app, {"code": "promised_to_pay"})
    assert answer.json()["fields"] == [{"field": "code", "problem": "Pilih satu disposisi dari daftar."}]
