"""A page that goes in the middle of a talk: its line is known to be dead long before Asterisk's time-out."""

import time

import pytest

from asterisk_conf.accounts import RTP_TIMEOUT
from service.line_watch import OUT_OF_ORDER, LineWatch
from tests.browser.conftest import MICROPHONE, NewPhone
from tests.browser.page_server import PageServer
from tests.browser.phone_page import WITHIN
from tests.browser.talks import talk
from tests.office import Office

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]


@pytest.mark.parametrize("how", ["closed", "reloaded"])
async def test_a_page_that_goes_is_a_line_that_died(
    office: Office, server: PageServer, new_phone: NewPhone, how: str
) -> None:
    LineWatch(office.client)
    phone = await new_phone()
    await phone.becomes("ready")
    async with talk(office, server, phone) as on:
        await on.caller.hears_tone(MICROPHONE, WITHIN)
        gone = time.monotonic()
        if how == "closed":
            await phone.page.close()
        else:
            await phone.page.goto("about:blank")
        await office.until(lambda: on.leg in office.destroyed, WITHIN)
        took = time.monotonic() - gone
        assert office.destroyed[on.leg].cause == OUT_OF_ORDER, "nobody hung up, and no time-out ended it"
        assert took < RTP_TIMEOUT
