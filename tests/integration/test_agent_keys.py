"""Keys pressed in a talk, on a real Asterisk: told to us, heard by nobody, and a prompt reaches one leg."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

import ari
from ari import events
from asterisk_conf.settings import APPLICATION
from domain.ids import new_id
from service.agent_telephony import LEG_LANES, AriLegControl
from tests.ari_support import eventually
from tests.real_asterisk import RealAsterisk

pytestmark = pytest.mark.asterisk


@dataclass
class Line:
    """Asterisk with two parties, each a pair of legs: what one half is sent, the other half says."""

    client: ari.Client
    legs: AriLegControl
    arrived: set[str] = field(default_factory=set)
    keys: list[tuple[str, str]] = field(default_factory=list)
    in_bridge: set[str] = field(default_factory=set)
    played: list[str] = field(default_factory=list)

    def came(self, event: events.StasisStart) -> None:
        self.arrived.add(event.channel.id)
        self.client.channels.answer(event.channel.id)

    async def party(self) -> str:
        """Return a leg; whoever presses a key there is `leg;2`."""
        leg = f"leg-{new_id()}"
        endpoint = "Local/*10@kring-desk"
        await self.client.channels.originate_with_id(
            leg, endpoint=endpoint, app=APPLICATION, app_args="agent,,call,1", timeout=5
        )
        await eventually(lambda: {leg, f"{leg};2"} <= self.arrived)
        return leg

    async def talk(self) -> tuple[str, str]:
        agent, caller = await self.party(), await self.party()
        bridge = f"talk-{new_id()}"
        self.legs.open_bridge(bridge)
        self.legs.join(bridge, agent)
        self.legs.join(bridge, caller)
        await eventually(lambda: {agent, caller} <= self.in_bridge)
        return agent, caller


@pytest.fixture
async def line(asterisk: RealAsterisk) -> AsyncIterator[Line]:
    url = f"http://127.0.0.1:{asterisk.settings.ari_port}"
    client = ari.Client(url, asterisk.user, asterisk.password, APPLICATION, lanes=("slow", *LEG_LANES))
    line = Line(client, AriLegControl(client))
    client.on_event(events.StasisStart, line.came)
    client.on_event(events.ChannelDtmfReceived, lambda e: line.keys.append((e.channel.id, e.digit)))
    client.on_event(events.PlaybackFinished, lambda e: line.played.append(e.playback.state))
    client.on_event(
        events.ChannelEnteredBridge, lambda e: line.in_bridge.add(e.channel.id) if e.channel else None
    )
    async with client:
        yield line
        for channel in await client.channels.list():
            await client.channels.hangup(channel.id)
        for bridge in await client.bridges.list():
            await client.bridges.destroy(bridge.id)
        await asyncio.sleep(0.1)
        assert not await client.channels.list()


async def test_the_keys_of_either_party_are_told_and_reach_the_other_one_never(line: Line) -> None:
    agent, caller = await line.talk()
    line.client.channels.send_dtmf(f"{agent};2", dtmf="*2")
    await eventually(lambda: len(line.keys) >= 2)
    line.client.channels.send_dtmf(f"{caller};2", dtmf="7")
    await eventually(lambda: len(line.keys) >= 3)
    await asyncio.sleep(0.5)  # what was passed on would be told a moment later
    assert line.keys == [(agent, "*"), (agent, "2"), (caller, "7")]


async def test_a_prompt_is_played_to_a_leg_that_talks(line: Line) -> None:
    agent, _ = await line.talk()
    line.legs.play(agent, f"desk-{agent}-1", ["kring/id/tone"])
    await eventually(lambda: line.played == ["done"])
