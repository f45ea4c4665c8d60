"""The softphone in a real browser, through the service's own socket, on a real Asterisk."""

import asyncio
import json
from pathlib import Path

import pytest

from ari import events
from asterisk_conf import certificate
from domain.ids import new_id
from service.desk_phones import LINE_DIED
from tests.browser.chromium import chromium
from tests.browser.conftest import MICROPHONE, NewPhone
from tests.browser.page_server import PageServer, page_server
from tests.browser.phone_page import WITHIN, PhonePage
from tests.browser.relay import delayed
from tests.browser.talks import CALLER, ring, talk
from tests.office import Office
from tests.real_asterisk import free_port

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]

CUT = 3.0  # seconds
DELAY = 0.2  # seconds each way


async def test_a_page_registers_rings_talks_is_muted_and_presses_keys(
    office: Office, server: PageServer, new_phone: NewPhone
) -> None:
    keys: list[tuple[str, str]] = []
    office.client.on_event(
        events.ChannelDtmfReceived, lambda event: keys.append((event.channel.id, event.digit))
    )
    phone = await new_phone()
    await phone.becomes("ready")
    assert [name for name in await _remembered(phone) if name.startswith("kring.softphone")] == []
    async with talk(office, server, phone) as on:
        await phone.becomes("talking")
        await on.caller.hears_tone(MICROPHONE, WITHIN)
        await phone.hears(CALLER)
        await phone.page.wait_for_function("phone().news.quality?.codec === 'PCMA'")
        news = await phone.news()
        assert news["levelIn"] > 0.01
        assert news["levelOut"] > 0.01

        await phone.do("setMuted(true)")
        await asyncio.sleep(1.0)  # what was said before is heard to its end
        with pytest.raises(AssertionError):
            await on.caller.hears_tone(MICROPHONE, 2.0)
        await phone.do("setMuted(false)")
        await on.caller.hears_tone(MICROPHONE, WITHIN)

        for key in "*25#":
            await phone.do(f"press('{key}')")
        await office.until(lambda: len(keys) == 4, WITHIN)
        assert keys == [(on.leg, key) for key in "*25#"]

        await phone.do("hangUp()")
        await office.until(lambda: on.leg in office.destroyed, WITHIN)
        assert office.destroyed[on.leg].cause == 16  # the floor takes it as: the agent ended the talk
        await phone.becomes("ready")
    assert server.counted.words == []


async def test_a_call_that_is_not_wanted_is_refused_and_one_that_stops_ringing_is_over(
    office: Office, server: PageServer, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    await phone.becomes("ready")
    leg = await ring(office, server)
    await phone.becomes("ringing")
    await phone.do("hangUp()")
    await office.until(lambda: leg in office.destroyed, WITHIN)
    assert office.destroyed[leg].cause == 17
    await phone.becomes("ready")
    leg = await ring(office, server)
    await phone.becomes("ringing")
    await office.client.channels.hangup(leg)
    await phone.becomes("ready")


async def test_the_service_is_away_for_a_moment_and_the_talk_goes_on(
    office: Office, server: PageServer, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    await phone.becomes("ready")
    async with talk(office, server, phone) as on:
        await on.caller.hears_tone(MICROPHONE, WITHIN)
        await server.stop()
        await phone.becomes("talking", "network")
        await asyncio.sleep(CUT)
        await on.caller.hears_tone(MICROPHONE, WITHIN)
        await phone.hears(CALLER)
        assert on.leg not in office.destroyed
        await server.start()
        await phone.becomes("talking")  # registered again, the trouble is gone
        account = office.accounts.of_sessions()[-1].account
        await office.until(lambda: office.accounts.is_reachable(account), WITHIN)
        await on.caller.hears_tone(MICROPHONE, WITHIN)
        # Asterisk finds the page where it is now: the end of the call reaches it at once.
        await office.client.channels.hangup(on.leg)
        await phone.becomes("ready")


async def test_after_a_break_the_page_can_end_the_talk_itself(
    office: Office, server: PageServer, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    await phone.becomes("ready")
    async with talk(office, server, phone) as on:
        await on.caller.hears_tone(MICROPHONE, WITHIN)
        await server.stop()
        await phone.becomes("talking", "network")
        await server.start()
        await phone.becomes("talking")
        await phone.do("hangUp()")
        await office.until(lambda: on.leg in office.destroyed, WITHIN)
        assert office.destroyed[on.leg].cause == 16


async def test_a_talk_that_ended_while_the_service_was_away_is_over_in_the_page_too(
    office: Office, server: PageServer, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    await phone.becomes("ready")
    async with talk(office, server, phone) as on:
        await on.caller.hears_tone(MICROPHONE, WITHIN)
        await server.stop()
        await phone.becomes("talking", "network")
        await office.client.channels.hangup(on.leg)
        await office.until(lambda: on.leg in office.destroyed, WITHIN)
        await server.start()
        await phone.becomes("ready")


async def test_a_second_page_takes_the_phone_over_and_the_talk_is_free_for_it(
    office: Office, server: PageServer, new_phone: NewPhone
) -> None:
    first = await new_phone()
    await first.becomes("ready")
    old = office.accounts.of_sessions()[-1].account
    async with talk(office, server, first) as on:
        await on.caller.hears_tone(MICROPHONE, WITHIN)
        second = await new_phone()
        await first.becomes("failed", "taken_over")
        await second.becomes("ready")
        await office.until(lambda: on.leg in office.destroyed, WITHIN)
        assert office.destroyed[on.leg].cause == LINE_DIED  # so the floor rings the agent again
        assert on.caller.ended is None
    assert [one.account for one in office.accounts.of_sessions()] != [old]
    assert len(office.accounts.of_sessions()) == 1
    async with talk(office, server, second) as on:
        await on.caller.hears_tone(MICROPHONE, WITHIN)
    await first.becomes("failed", "taken_over")


async def test_a_page_that_lets_go_of_its_phone_ends_no_talk(
    office: Office, server: PageServer, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    await phone.becomes("ready")
    async with talk(office, server, phone) as on:
        await on.caller.hears_tone(MICROPHONE, WITHIN)
        await phone.do("stop()")
        await office.until(lambda: on.leg in office.destroyed, WITHIN)
        assert office.destroyed[on.leg].cause == LINE_DIED
        await phone.becomes("off")
    await phone.do("start()")
    await phone.becomes("ready")


async def test_the_session_ends_and_with_it_the_phone(
    office: Office, server: PageServer, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    await phone.becomes("ready")
    account = office.accounts.of_sessions()[-1]
    server.phones.session_ended(account.session_id, "signed_out")
    await phone.becomes("failed", "session_over")
    assert office.accounts.of_sessions() == []
    assert len(server.sockets) == 0


async def test_one_hears_oneself_in_a_test_call_until_a_call_comes(
    office: Office, server: PageServer, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    await phone.becomes("ready")
    await phone.do("testCall()")
    await phone.becomes("talking")
    assert (await phone.news())["test"] is True
    await phone.hears(MICROPHONE)
    assert office.started.empty()  # it is no call of the line
    async with talk(office, server, phone) as on:
        assert (await phone.news())["test"] is False
        await phone.hears(CALLER)
        await on.caller.hears_tone(MICROPHONE, WITHIN)


async def test_opus_is_spoken_where_it_is_wanted(
    office: Office, server: PageServer, new_phone: NewPhone
) -> None:
    phone = await new_phone(codecs=["opus"])
    await phone.becomes("ready")
    async with talk(office, server, phone) as on:
        await on.caller.hears_tone(MICROPHONE, WITHIN)
        await phone.hears(CALLER)
        await phone.page.wait_for_function("phone().news.quality?.codec === 'opus'")


async def test_a_network_that_is_slow_is_good_enough(
    office: Office, server: PageServer, new_phone: NewPhone
) -> None:
    async with delayed(server.port, DELAY) as port:
        phone = await new_phone(address=f"http://127.0.0.1:{port}/")
        await phone.becomes("ready")
        async with talk(office, server, phone) as on:
            await on.caller.hears_tone(MICROPHONE, WITHIN)
            await phone.hears(CALLER)


async def test_by_https_too(office: Office, new_phone: NewPhone, tmp_path: Path) -> None:
    files = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate.ensure(*files, "127.0.0.1")
    async with page_server(office, free_port(), files) as secure:
        phone = await new_phone(address=secure.address)
        assert phone.page.url.startswith("https://")
        await phone.becomes("ready")
        async with talk(office, secure, phone) as on:
            await on.caller.hears_tone(MICROPHONE, WITHIN)
            await phone.hears(CALLER)


async def test_devices_are_chosen_and_remembered(server: PageServer, new_phone: NewPhone) -> None:
    phone = await new_phone()
    await phone.becomes("ready")
    inputs = await phone.do("inputs()")
    assert len(inputs) >= 2, inputs
    other = next(device for device in inputs if not device["chosen"])
    await phone.do(f"setInput({json.dumps(other['id'])})")
    assert [device["id"] for device in await phone.do("inputs()") if device["chosen"]] == [other["id"]]
    await phone.page.wait_for_function("phone().news.levelIn > 0.01")
    kept = await _remembered(phone)
    assert kept["kring.softphone.input"] == other["id"]
    login = json.dumps(kept)
    assert phone.page.url not in login
    assert all(
        account.account not in login and account.digest not in login
        for account in server.phones._parts.accounts.of_sessions()
    )


async def test_a_microphone_that_is_not_allowed_is_told_and_no_call_rings_there(
    office: Office, new_phone: NewPhone
) -> None:
    phone = await new_phone(allowed=False)
    await phone.becomes("failed", "microphone_refused")
    account = office.accounts.of_sessions()[-1].account
    assert not office.accounts.is_reachable(account)


async def test_a_missing_microphone_is_told(server: PageServer) -> None:
    async with chromium(None) as bare:
        context = await bare.new_context(permissions=["microphone"])
        phone = await PhonePage.begin(context, server.address, {})
        await phone.becomes("failed", "microphone_missing")


async def test_a_microphone_that_another_program_holds_is_told_and_tried_again(new_phone: NewPhone) -> None:
    phone = await new_phone()
    await phone.becomes("ready")
    await phone.page.evaluate(
        """() => {
          globalThis.real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
          const busy = () => Promise.reject(new DOMException("", "NotReadableError"));
          navigator.mediaDevices.getUserMedia = busy;
        }"""
    )
    await phone.do("setInput('default')")
    await phone.becomes("failed", "microphone_busy")
    await phone.page.evaluate("() => { navigator.mediaDevices.getUserMedia = globalThis.real; }")
    await phone.do("start()")
    await phone.becomes("ready")


async def test_offers_name_the_wanted_codecs_in_the_wanted_order(new_phone: NewPhone) -> None:
    phone = await new_phone(allowed=False)
    offer = "\r\n".join(
        [
            "m=audio 9 UDP/TLS/RTP/SAVPF 8 0 107 101",
            "a=rtpmap:8 PCMA/8000",
            "a=rtpmap:0 PCMU/8000",
            "a=rtpmap:107 opus/48000/2",
            "a=fmtp:107 useinbandfec=1",
            "a=rtpmap:101 telephone-event/8000",
            "a=sendrecv",
            "",
        ]
    )
    changed = await phone.page.evaluate("o => withCodecs(o, ['opus', 'PCMA'])", offer)
    assert "m=audio 9 UDP/TLS/RTP/SAVPF 107 8 101\r\n" in changed
    assert "PCMU" not in changed
    assert "a=fmtp:107 useinbandfec=1\r\n" in changed
    assert await phone.page.evaluate("o => withCodecs(o, ['G722'])", offer) == offer
    grades = "[[0, .01, .05], [.02, 0, 0], [0, .04, 0], [0, 0, .35], [.06, 0, 0], [0, 0, .7]]"
    assert await phone.page.evaluate(f"{grades}.map((g) => grade(...g))") == [
        "good", "fair", "fair", "fair", "poor", "poor",
    ]  # fmt: skip


async def test_an_account_that_is_not_taken_is_told_and_tried_again(new_phone: NewPhone) -> None:
    phone = await new_phone(secret=new_id())
    await phone.becomes("connecting", "refused")


async def _remembered(phone: PhonePage) -> dict[str, str]:
    kept: dict[str, str] = await phone.page.evaluate("({...localStorage, ...sessionStorage})")
    return kept
