"""What a caller meets at Asterisk's door: the numbers, the limit, the hold while nobody serves."""

import asyncio
import socket

import pytest

from asterisk_conf.ami import Ami
from asterisk_conf.settings import NUMBERS
from tests.conftest import NewAsterisk
from tests.real_asterisk import SOUNDS, RealAsterisk
from tests.small_app import SmallApp
from tests.small_phone import SmallPhone

pytestmark = pytest.mark.asterisk

SORRY, MUSIC, WAITING, GOODBYE = (
    SOUNDS[name][0] for name in ("fallback_sorry", "music", "fallback_still_waiting", "fallback_goodbye")
)


async def test_every_form_of_the_number_leads_in_and_no_other(asterisk: RealAsterisk) -> None:
    async with SmallApp(asterisk) as app:
        for number in NUMBERS:
            async with SmallPhone(asterisk.sip, number) as phone:
                dialling = asyncio.create_task(phone.dial())
                call = await app.next_call()
                assert call["args"] == ["new", number]
                await app.command("POST", f"channels/{call['channel']['id']}/answer")
                assert await dialling == 200
        for number in ("150020", "15002000", "08123456789", "100", "s", "kring-hold"):
            async with SmallPhone(asterisk.sip, number) as phone:
                assert await phone.dial() == 404
        assert app.calls.empty()


async def test_a_stranger_is_not_let_in_even_under_the_trunks_name(asterisk: RealAsterisk) -> None:
    async with SmallPhone(asterisk.sip, "1500200", source="127.0.0.2", from_user="trunk") as phone:
        assert await phone.dial() == 401


async def test_ari_and_ami_listen_on_loopback_only(asterisk: RealAsterisk) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing; tells the machine's own outside address
        outside = probe.getsockname()[0]
    for port in (asterisk.settings.ari_port, asterisk.settings.ami_port):
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(outside, port)


async def test_a_call_above_the_limit_gets_503_and_nothing_before(new_asterisk: NewAsterisk) -> None:
    asterisk = await new_asterisk(max_calls=1)
    async with SmallApp(asterisk) as app, SmallPhone(asterisk.sip, "1500200") as inside:
        dialling = asyncio.create_task(inside.dial())
        call = await app.next_call()
        await app.command("POST", f"channels/{call['channel']['id']}/answer")
        assert await dialling == 200
        async with SmallPhone(asterisk.sip, "1500200") as refused:
            assert await refused.dial() == 503
            assert refused.codes in ([503], [100, 503])
        manager = Ami(asterisk.settings)
        await manager.set_global("KRING_LIMIT", "2")
        await manager.close()
        async with SmallPhone(asterisk.sip, "1500200") as second:
            dialling = asyncio.create_task(second.dial())
            call = await app.next_call()
            await app.command("POST", f"channels/{call['channel']['id']}/answer")
            assert await dialling == 200


async def test_without_the_service_a_caller_is_told_held_and_handed_over(new_asterisk: NewAsterisk) -> None:
    asterisk = await new_asterisk(hold_retry=1, hold_announce=2)
    async with SmallPhone(asterisk.sip, "1500200") as phone:
        assert await phone.dial() == 200
        for tone in (SORRY, MUSIC, WAITING, MUSIC):
            assert await phone.hears(tone), f"{tone} Hz not heard"
        async with SmallApp(asterisk) as app:
            call = await app.next_call()
            assert call["args"] == ["held", "1500200"]
            assert call["channel"]["state"] == "Up"


async def test_a_held_caller_is_let_go_at_the_limit(new_asterisk: NewAsterisk) -> None:
    asterisk = await new_asterisk(hold_retry=1, hold_limit=1)
    async with SmallPhone(asterisk.sip, "1500200") as phone:
        assert await phone.dial() == 200
        for tone in (SORRY, MUSIC, GOODBYE):
            assert await phone.hears(tone), f"{tone} Hz not heard"
        assert await phone.hung_up()


async def test_callers_of_a_dead_service_are_held_and_come_back_as_orphans(new_asterisk: NewAsterisk) -> None:
    asterisk = await new_asterisk(hold_retry=1)
    manager = Ami(asterisk.settings)
    async with SmallPhone(asterisk.sip, "500200") as phone:
        async with SmallApp(asterisk) as app:
            dialling = asyncio.create_task(phone.dial())
            before = await app.next_call()
            await app.command("POST", f"channels/{before['channel']['id']}/answer")
            assert await dialling == 200
        assert await manager.redirect_orphans() == 1
        assert await phone.hears(SORRY)
        assert await phone.hears(MUSIC)
        async with SmallApp(asterisk) as app:
            after = await app.next_call()
            assert after["args"] == ["orphan", "500200"]
            assert after["channel"]["id"] == before["channel"]["id"]
    await manager.close()
