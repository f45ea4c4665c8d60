"""A call of ours reaches a page: it answers by itself while its agent takes calls, and only then."""

import asyncio

import pytest

from tests.browser.conftest import MICROPHONE, NewPhone
from tests.browser.page_server import PageServer
from tests.browser.phone_page import WITHIN
from tests.browser.talks import ring, talk
from tests.office import Office

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]


async def test_a_page_answers_by_itself_when_it_is_asked_to_and_its_agent_takes_calls(
    office: Office, server: PageServer, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    await phone.becomes("ready")
    await phone.page.evaluate("take(true)")
    leg = await ring(office, server, quick=True)
    await phone.becomes("talking")
    assert (await office.next_in(WITHIN)).channel.id == leg
    assert "ringing" in [news["state"] for news in await phone.told()]
    await office.client.channels.hangup(leg)
    await phone.becomes("ready")

    leg = await ring(office, server)
    await phone.becomes("ringing")
    await asyncio.sleep(1.0)
    assert (await phone.news())["state"] == "ringing", "an ordinary call waits for the agent"
    await office.client.channels.hangup(leg)
    await phone.becomes("ready")

    await phone.page.evaluate("take(false)")
    leg = await ring(office, server, quick=True)
    await phone.becomes("ringing")
    await asyncio.sleep(1.0)
    assert (await phone.news())["state"] == "ringing", "who takes no calls is not put on the line"
    await office.client.channels.hangup(leg)
    await phone.becomes("ready")


async def test_the_agents_voice_is_heard_after_an_answer_that_nobody_pressed_a_button_for(
    office: Office, server: PageServer, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    await phone.becomes("ready")
    await phone.page.evaluate("take(true)")
    async with talk(office, server, phone, quick=True) as on:
        await on.caller.hears_tone(MICROPHONE, WITHIN)
