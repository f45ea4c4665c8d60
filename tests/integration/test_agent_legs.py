"""Every verb of the leg control on a real Asterisk, with agents' phones."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest

import ari
from asterisk_conf.accounts import RTP_TIMEOUT
from asterisk_conf.ami import Ami
from asterisk_conf.settings import APPLICATION
from domain.ids import new_id
from domain.legs import LiveLeg
from service.agent_telephony import FAILED, LEG_LANES, UNREACHABLE
from tests.ari_support import eventually
from tests.integration.legs_lab import Lab, running_lab
from tests.real_asterisk import SOUNDS, RealAsterisk
from tests.small_phone import SmallPhone

pytestmark = pytest.mark.asterisk

MUSIC = SOUNDS["music"][0]
BY_USER = (16, 31)  # Q.850: what the floor takes for a phone that hung up


@pytest.fixture
async def lab(asterisk: RealAsterisk) -> AsyncIterator[Lab]:
    async with running_lab(asterisk) as running:
        yield running


async def test_ring_carries_the_arguments_the_caller_id_and_the_id(lab: Lab) -> None:
    async with await lab.phone() as phone:
        assert await phone.register() == 200
        args = ("agent", phone.account, "c0ffee", "12")
        leg = lab.ring(phone, *args)
        ring = await phone.next_ring()
        assert '"Kring Pajak" <sip:1500200@' in ring.caller
        phone.answer(ring)
        await eventually(lambda: lab.ear.up == [leg])
        channel = await lab.client.channels.get(leg)
        assert channel.dialplan.app_data == ",".join((APPLICATION, *args))
        assert channel.state == "Up"
        phone.hang_up()

        await eventually(lambda: leg in lab.ear.gone)
        assert lab.ear.gone == {leg: 16}


@pytest.mark.parametrize(("status", "cause"), [(486, 17), (603, 21), (480, 19), (404, 1)])
async def test_a_phone_that_refuses_is_told_with_its_cause(lab: Lab, status: int, cause: int) -> None:
    async with await lab.phone() as phone:
        await phone.register()
        leg = lab.ring(phone)
        phone.reject(await phone.next_ring(), status)
        await eventually(lambda: lab.ear.gone == {leg: cause})


async def test_ringing_in_vain_and_taking_it_back(lab: Lab) -> None:
    async with await lab.phone() as phone:
        await phone.register()
        leg = lab.ring(phone, seconds=0.6)
        ring = await phone.next_ring()
        await eventually(lambda: lab.ear.gone == {leg: 19})
        assert ring.status == 487
        second = lab.ring(phone)
        ring = await phone.next_ring()
        lab.legs.hang_up(second, 26)
        await eventually(lambda: lab.ear.gone.get(second) == 26)
        assert ring.status == 487


async def test_who_cannot_be_rung_is_told_as_gone_and_rung_never_again(lab: Lab) -> None:
    doubted: list[str] = []
    lab.legs.on_unreachable(doubted.append)
    phone = await lab.phone()  # never registers
    unregistered = lab.ring(phone)
    unknown, no_account = f"leg-{new_id()}", f"leg-{new_id()}"
    lab.legs.ring(unknown, "a00000000000000f", ("agent",), 5)
    lab.legs.ring(no_account, "trunk/sip:900@127.0.0.9", ("agent",), 5)
    await eventually(lambda: len(lab.ear.gone) == 3)
    assert lab.ear.gone == dict.fromkeys((unregistered, unknown, no_account), UNREACHABLE)
    assert sorted(doubted) == sorted((phone.account, "a00000000000000f"))


@pytest.mark.parametrize("number", ["110", "0812;x=y", "900@127.0.0.9", "+6281200000001", "٠٨١٢٣٤٥٦٧٨"])
async def test_what_is_no_number_is_never_called(lab: Lab, number: str) -> None:
    leg = f"leg-{new_id()}"
    lab.legs.call_out(leg, number, ("callback", "", "c0ffee", "0"), 5)
    await eventually(lambda: lab.ear.gone == {leg: FAILED})
    assert not await lab.client.channels.list()


async def test_two_phones_in_a_bridge_hear_each_other_and_part(lab: Lab) -> None:
    async with await lab.phone(tone=900) as one, await lab.phone(tone=1300) as two:
        await asyncio.gather(one.register(), two.register())
        first, second = await lab.talk(one), await lab.talk(two)
        lab.legs.open_bridge("talk-c0ffee")
        lab.legs.join("talk-c0ffee", first)  # without waiting for the bridge
        lab.legs.join("talk-c0ffee", second)
        await lab.inside(first, "talk-c0ffee")
        await lab.inside(second, "talk-c0ffee")
        assert await one.hears(1300)
        assert await two.hears(900)
        lab.legs.part("talk-c0ffee", first)
        lab.legs.start_music(first)
        assert await one.hears(MUSIC)
        two.forget_sound()
        assert not await two.hears(900, within=0.4)
        lab.legs.stop_music(first)
        lab.legs.join("talk-c0ffee", first)
        one.forget_sound()
        assert await one.hears(1300)
        assert not lab.failures


@pytest.mark.parametrize("language", ["id", "en"])
async def test_a_word_comes_before_the_music(lab: Lab, language: str) -> None:
    async with await lab.phone() as phone:
        await phone.register()
        leg = await lab.talk(phone)
        lab.legs.start_music(leg, language)
        assert await phone.hears(SOUNDS["connecting"][0])
        phone.forget_sound()
        assert await phone.hears(MUSIC, within=15.0)
        lab.legs.stop_music(leg)
        await asyncio.sleep(0.3)
        phone.forget_sound()
        assert not await phone.hears(SOUNDS["connecting"][0], within=0.4)
        assert not lab.failures


async def test_a_leg_moves_from_bridge_to_bridge_and_a_name_can_be_used_again(lab: Lab) -> None:
    async with await lab.phone(tone=900) as one, await lab.phone(tone=1300) as two:
        await asyncio.gather(one.register(), two.register())
        first, second = await lab.talk(one), await lab.talk(two)
        lab.legs.open_bridge("talk-c0ffee")
        lab.legs.join("talk-c0ffee", first)
        lab.legs.close_bridge("talk-c0ffee")
        lab.legs.open_bridge("talk-c0ffee")  # at once: its id is neither free nor usable yet
        lab.legs.join("talk-c0ffee", second)
        await lab.inside(second, "talk-c0ffee")
        lab.legs.open_bridge("consult-1")
        lab.legs.join("consult-1", second)
        lab.legs.join("consult-1", first)
        await lab.inside(first, "consult-1")
        assert await one.hears(1300)
        bridges = {bridge.id: bridge.channels for bridge in await lab.client.bridges.list()}
        where = {name.partition(".")[0]: sorted(inside) for name, inside in bridges.items()}
        assert where == {"talk-c0ffee": [], "consult-1": sorted((first, second))}


async def test_a_leg_that_is_stuck_holds_up_no_other(lab: Lab) -> None:
    async with await lab.phone(tone=900) as one, await lab.phone(tone=1300) as two:
        await asyncio.gather(one.register(), two.register())
        first, second = await lab.talk(one), await lab.talk(two)
        lab.legs.open_bridge("talk-1")
        lab.legs.play(first, "desk-long", ["kring/id/long"])  # 20 s: its thread takes no other command
        lab.legs.join("talk-1", first)
        await asyncio.sleep(0.1)
        began = asyncio.get_running_loop().time()
        lab.legs.open_bridge("talk-2")
        for _ in range(len(LEG_LANES) + 2):
            lab.legs.part("talk-2", second)
            lab.legs.join("talk-2", second)
        await lab.inside(second, "talk-2")
        assert asyncio.get_running_loop().time() - began < 1.0
        assert ("talk-1", first) not in lab.ear.in_bridges
        lab.client.playbacks.stop("desk-long")
        await lab.inside(first, "talk-1")


async def test_listening_whispering_and_what_the_caller_hears(lab: Lab) -> None:
    async with (
        await lab.phone(tone=900) as agent,
        await lab.phone(tone=1300) as supervisor,
        await lab.phone(tone=600, loud=1000) as caller,  # what is whispered goes along with what they say
    ):
        await asyncio.gather(agent.register(), supervisor.register(), caller.register())
        agent_leg, supervisor_leg = await lab.talk(agent), await lab.talk(supervisor)
        caller_leg = await lab.talk(caller)
        lab.legs.open_bridge("talk-1")
        for leg in (agent_leg, caller_leg):
            lab.legs.join("talk-1", leg)
        await lab.inside(caller_leg, "talk-1")
        assert await caller.hears(900)
        ear = f"leg-{new_id()}"
        lab.legs.open_bridge("watch-1")
        lab.legs.snoop(ear, agent_leg, whisper=True)
        await eventually(lambda: ear in lab.ear.up)
        lab.legs.join("watch-1", ear)
        lab.legs.join("watch-1", supervisor_leg)
        await lab.inside(supervisor_leg, "watch-1")
        supervisor.forget_sound()
        agent.forget_sound()
        assert await supervisor.hears(900)
        assert await agent.hears(1300)
        caller.forget_sound()
        assert await caller.hears(900)
        assert not await caller.hears(1300, within=0.5)
        agent.hang_up()
        await eventually(lambda: agent_leg in lab.ear.gone and ear in lab.ear.gone)


async def test_a_phone_that_vanishes_in_a_talk_is_no_hang_up(lab: Lab) -> None:
    async with await lab.phone(tone=900) as agent, await lab.phone(tone=1300) as caller:
        await asyncio.gather(agent.register(), caller.register())
        agent_leg, caller_leg = await lab.talk(agent), await lab.talk(caller)
        lab.legs.open_bridge("talk-1")
        for leg in (agent_leg, caller_leg):
            lab.legs.join("talk-1", leg)
        await lab.inside(caller_leg, "talk-1")
        assert await caller.hears(900)
        agent.deaf = True  # as when its network is gone
        await eventually(lambda: agent_leg in lab.ear.gone, RTP_TIMEOUT + 4)
        assert lab.ear.gone[agent_leg] not in BY_USER


async def test_listening_to_a_leg_that_is_gone_is_told(lab: Lab) -> None:
    ear = f"leg-{new_id()}"
    lab.legs.snoop(ear, f"leg-{new_id()}", whisper=False)
    await eventually(lambda: lab.ear.gone == {ear: FAILED})


async def test_verbs_on_what_is_gone_do_nothing(lab: Lab) -> None:
    leg = f"leg-{new_id()}"
    lab.legs.open_bridge("talk-1")
    for verb in (
        partial(lab.legs.join, "talk-1", leg),
        partial(lab.legs.part, "talk-1", leg),
        partial(lab.legs.join, "talk-2", leg),
        partial(lab.legs.close_bridge, "talk-2"),
        partial(lab.legs.start_music, leg),
        partial(lab.legs.stop_music, leg),
        partial(lab.legs.hang_up, leg),
    ):
        verb()
    await lab.client.asterisk.ping()
    await asyncio.sleep(0.05)
    assert all(isinstance(failure, ari.Gone) for failure in lab.failures)
    assert not lab.ear.gone


async def test_who_speaks_with_an_agent_is_not_moved_to_the_hold_of_a_dead_service(lab: Lab) -> None:
    async with await lab.phone() as agent, SmallPhone(lab.asterisk.sip, "1500200") as talking:
        await agent.register()
        agent_leg, caller_leg = await lab.talk(agent), await lab.caller(talking)
        lab.legs.open_bridge("talk-1")
        for leg in (agent_leg, caller_leg):
            lab.legs.join("talk-1", leg)
        await lab.inside(caller_leg, "talk-1")
        async with SmallPhone(lab.asterisk.sip, "500200") as waiting:
            await lab.caller(waiting)
            manager = Ami(lab.asterisk.settings)
            assert await manager.redirect_orphans() == 1
            await manager.close()
            assert await waiting.hears(SOUNDS["fallback_sorry"][0])
        assert await talking.hears(1000)  # the agent, all the time


async def test_a_dialled_code_goes_to_the_desk_and_not_to_the_switchboard(lab: Lab) -> None:
    async with await lab.phone() as phone:
        await phone.register()
        assert await phone.dial("*10") == 404  # nobody serves codes here
        assert lab.ear.dialled_codes == [(phone.account, "*10")]
        await eventually(lambda: len(lab.ear.gone_desks) == 1)
        assert not lab.ear.arrived_callers


async def test_after_a_reconnect_the_floor_learns_who_lives_where(lab: Lab) -> None:
    async with (
        await lab.phone() as talking,
        await lab.phone() as ringing,
        SmallPhone(lab.asterisk.sip, "1500200") as caller,
    ):
        await asyncio.gather(talking.register(), ringing.register())
        agent_leg = await lab.talk(talking)
        caller_leg = await lab.caller(caller)
        lab.legs.open_bridge("talk-1")
        for leg in (agent_leg, caller_leg):
            lab.legs.join("talk-1", leg)
        await lab.inside(caller_leg, "talk-1")
        ringing_leg = lab.ring(ringing)
        ring = await ringing.next_ring()
        before, lost = len(lab.ear.back), lab.ear.lost
        lab.client.lanes["main"].disconnect()
        await eventually(lambda: lab.ear.lost == lost + 1)
        early = f"leg-{new_id()}"
        lab.legs.ring(early, talking.account, ("agent",), 5)
        await eventually(lambda: len(lab.ear.back) == before + 1)
        assert early in lab.ear.gone
        legs, bridges = lab.ear.back[-1]
        args = ("agent", talking.account, "c0ffee", "7")
        assert sorted(legs, key=lambda leg: leg.leg) == sorted(
            [
                LiveLeg(agent_leg, args, True, "talk-1"),
                LiveLeg(caller_leg, ("new", "1500200"), True, "talk-1"),
                LiveLeg(ringing_leg, legs[0].args if legs[0].leg == ringing_leg else (), False, None),
            ],
            key=lambda leg: leg.leg,
        )
        assert list(bridges) == ["talk-1"]
        await lab.client.ready()
        ringing.answer(ring)
        await eventually(lambda: ringing_leg in lab.ear.up)
        lab.legs.close_bridge("talk-1")  # known by its name
        ringing.hang_up()
        await eventually(lambda: ringing_leg in lab.ear.gone)
