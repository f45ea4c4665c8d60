"""The same client, the same expectations: on the fake Asterisk and on a real one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

import ari
from ari import events
from ari.fake import FakeAsterisk
from tests.real_asterisk import RealAsterisk

APP = "kring"
NUMBER = "1500200"


@dataclass
class World:
    """A client, what it was told, and the sounds its Asterisk has."""

    client: ari.Client
    url: str
    password: str
    username: str
    seen: list[ari.Event] = field(default_factory=list)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, event: ari.Event) -> None:
        self.seen.append(event)
        self.more.set()

    async def wait(
        self, kind: type[Any], matches: Callable[[Any], bool] = lambda event: True, within: float = 20.0
    ) -> Any:
        """Return the first event of a kind that matches, seen already or to come."""
        async with asyncio.timeout(within):
            while True:
                for event in self.seen:
                    if isinstance(event, kind) and matches(event):
                        return event
                await self.more.wait()
                self.more.clear()

    async def call(self, name: str) -> tuple[str, str]:
        """Let a caller ring in; return the ids of the line's leg, answered, and of the caller's."""
        line, caller = f"{name}-line", f"{name}-caller"
        await self.client.channels.originate_with_id(
            caller,
            endpoint=f"Local/{NUMBER}@from-trunk",
            app=APP,
            app_args="caller",
            other_channel_id=line,
            formats="ulaw",
        )
        came = await self.wait(events.StasisStart, lambda e: e.channel.id == line)
        assert came.args == ["new", NUMBER]
        await self.client.channels.answer(line)
        answered = await self.wait(events.StasisStart, lambda e: e.channel.id == caller)
        assert answered.args == ["caller"]
        assert answered.channel.state == "Up"
        return line, caller


async def _world(url: str, username: str, password: str) -> AsyncIterator[World]:
    client = ari.Client(url, username, password, APP)
    world = World(client, url, password, username)
    client.on_event(ari.Event, world.note)
    async with client:
        yield world
        if client.state is ari.State.READY:
            await _clear(client)


async def _clear(client: ari.Client) -> None:
    for channel in await client.channels.list():
        await client.channels.hangup(channel.id)
    for bridge in await client.bridges.list():
        await client.bridges.destroy(bridge.id)


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.asterisk)])
def asterisk_or_fake(request: pytest.FixtureRequest) -> RealAsterisk | None:
    return None if request.param == "fake" else request.getfixturevalue("asterisk")


@pytest.fixture
async def world(asterisk_or_fake: RealAsterisk | None) -> AsyncIterator[World]:
    if asterisk_or_fake is None:
        async with FakeAsterisk() as fake:
            fake.numbers[NUMBER] = APP
            fake.world.missing_sounds.add("kring/id/missing")
            fake.world.on_playing = lambda playback: (
                fake.world.sound_ended(playback) if "tone" in playback.media[playback.at] else None
            )
            async for each in _world(fake.url, fake.username, fake.password):
                yield each
    else:
        real = asterisk_or_fake
        async for each in _world(real.url, real.user, real.password):
            yield each


async def test_a_call_comes_in_is_answered_pressed_and_ends(world: World) -> None:
    line, caller = await world.call("a")
    world.client.channels.send_dtmf(caller, dtmf="1#", between=60)
    one = await world.wait(events.ChannelDtmfReceived, lambda e: e.digit == "1")
    pound = await world.wait(events.ChannelDtmfReceived, lambda e: e.digit == "#")
    assert one.channel.id == pound.channel.id == line
    await world.client.channels.hangup(caller, reason_code="17")
    ended = await world.wait(events.ChannelDestroyed, lambda e: e.channel.id == line)
    assert ended.cause in {16, 17}
    left = await world.wait(events.StasisEnd, lambda e: e.channel.id == line)
    asked = await world.wait(events.ChannelHangupRequest, lambda e: e.channel.id == line)
    assert world.seen.index(asked) < world.seen.index(left) < world.seen.index(ended)


async def test_sounds_play_one_after_the_other_as_one_playback(world: World) -> None:
    line, _ = await world.call("b")
    begun = await world.client.channels.play_with_id(
        line, "b-1", media=["sound:kring/id/tone", "sound:kring/id/tone"]
    )
    assert (begun.id, begun.media_uri) == ("b-1", "sound:kring/id/tone")
    assert begun.state in {"queued", "playing"}  # the channel's thread may be quicker than the answer
    finished = await world.wait(events.PlaybackFinished, lambda e: e.playback.id == "b-1")
    assert finished.playback.state == "done"
    assert finished.playback.target_uri == f"channel:{line}"
    started = [e for e in world.seen if isinstance(e, events.PlaybackStarted)]
    assert len(started) == 2


async def test_stop_and_play_sent_at_once_are_carried_out_in_order(world: World) -> None:
    line, _ = await world.call("c")
    await world.client.channels.play_with_id(line, "c-1", media="sound:kring/id/long")
    await world.wait(events.PlaybackStarted, lambda e: e.playback.id == "c-1")
    world.client.playbacks.stop("c-1")
    world.client.channels.play_with_id(line, "c-2", media="sound:kring/id/long")
    second = await world.wait(events.PlaybackStarted, lambda e: e.playback.id == "c-2")
    first = await world.wait(events.PlaybackFinished, lambda e: e.playback.id == "c-1")
    assert first.playback.state == "done"
    assert world.seen.index(first) < world.seen.index(second)
    assert (await world.client.playbacks.get("c-2")).state == "playing"
    await world.client.playbacks.stop("c-2")


async def test_a_variable_waits_for_the_prompt_on_a_lane_of_its_own(world: World) -> None:
    client = world.client
    line, caller = await world.call("k")
    await client.channels.play_with_id(line, "k-1", media="sound:kring/id/long")
    await world.wait(events.PlaybackStarted, lambda e: e.playback.id == "k-1")
    waiting = client.channels.set_channel_var(line, variable="KRING_X", value="1")
    for _ in range(20):
        await client.channels.get(caller, deadline=0.5)
    assert not waiting.done()
    await client.playbacks.stop("k-1")
    await waiting
    assert (await client.channels.get_channel_var(line, variable="KRING_X")).value == "1"


async def test_a_missing_sound_is_taken_and_then_fails(world: World) -> None:
    line, _ = await world.call("d")
    await world.client.channels.play_with_id(line, "d-1", media="sound:kring/id/missing")
    finished = await world.wait(events.PlaybackFinished, lambda e: e.playback.id == "d-1")
    assert finished.playback.state == "failed"


async def test_what_is_gone_is_gone_and_ending_it_again_is_no_error(world: World) -> None:
    client = world.client
    line, caller = await world.call("e")
    await client.channels.hangup(line)
    await world.wait(events.ChannelDestroyed, lambda e: e.channel.id == caller)
    await client.channels.hangup(line)
    await client.playbacks.stop("never-was")
    await client.bridges.destroy("never-was")
    await client.channels.stop_moh(line)
    await client.bridges.create_with_id("e-bridge")
    for reply in (
        client.channels.answer(line),
        client.channels.play_with_id(line, "e-1", media="sound:kring/id/tone"),
        client.channels.set_channel_var(line, variable="X", value="1"),
        client.channels.get(line),
        client.playbacks.get("never-was"),
        client.bridges.add_channel("e-bridge", channel=line),
        client.applications.get("never-was"),
    ):
        with pytest.raises(ari.Gone):
            await reply


async def test_refusals_have_their_status(world: World) -> None:
    line, _ = await world.call("f")
    with pytest.raises(ari.Refused) as twice:
        await world.client.channels.originate_with_id(line, endpoint=f"Local/{NUMBER}@from-trunk", app=APP)
    assert twice.value.status == 409
    with pytest.raises(ari.Refused) as wrong:
        await world.client.channels.hangup(line, reason_code="nonsense")
    assert wrong.value.status == 400
    assert wrong.value.operation == "channels.hangup"


async def test_legs_meet_in_a_bridge_and_part(world: World) -> None:
    client = world.client
    line, caller = await world.call("g")
    bridge = await client.bridges.create_with_id("g-bridge", type="mixing", name="talk")
    assert (bridge.id, bridge.name, bridge.channels) == ("g-bridge", "talk", [])
    await client.bridges.add_channel("g-bridge", channel=line)
    entered = await world.wait(events.ChannelEnteredBridge)
    assert entered.bridge.channels == [line]
    await client.bridges.remove_channel("g-bridge", channel=line)
    await client.bridges.remove_channel("g-bridge", channel=line)
    await world.wait(events.ChannelLeftBridge, lambda e: e.channel.id == line)
    assert (await client.bridges.get("g-bridge")).channels == []
    with pytest.raises(ari.Gone):
        await client.bridges.add_channel("g-bridge", channel="nobody")
    assert (await client.channels.get(caller)).state == "Up"


async def test_variables_with_any_text_come_back_as_they_were(world: World) -> None:
    line, _ = await world.call("h")
    text = 'a&b=c %41+ "quoted" é'
    await world.client.channels.set_channel_var(line, variable="KRING_TEXT", value=text)
    assert (await world.client.channels.get_channel_var(line, variable="KRING_TEXT")).value == text
    assert not [e for e in world.seen if isinstance(e, events.ChannelVarset)]


async def test_ids_with_any_characters_address_the_right_thing(world: World) -> None:
    bridge = await world.client.bridges.create_with_id("i/1 x%@?")
    assert bridge.id == "i/1 x%@?"
    assert (await world.client.bridges.get("i/1 x%@?")).id == bridge.id
    await world.client.bridges.destroy("i/1 x%@?")
    with pytest.raises(ari.Gone):
        await world.client.bridges.get("i/1 x%@?")


async def test_the_application_says_whom_it_has_and_what_it_hides(world: World) -> None:
    line, caller = await world.call("j")
    application = await world.client.applications.get(APP)
    assert {line, caller} <= set(application.channel_ids)
    assert [each["type"] for each in application.events_disallowed] == ["ChannelVarset", "ChannelDialplan"]


async def test_a_second_client_of_the_same_name_fences_the_first(world: World) -> None:
    replaced = asyncio.Event()
    world.client.on_state(lambda state: replaced.set() if state is ari.State.REPLACED else None)
    async with ari.Client(world.url, world.username, world.password, APP) as second:
        await asyncio.wait_for(replaced.wait(), 20)
        with pytest.raises(ari.Disconnected) as lost:
            await world.client.asterisk.ping()
        assert not lost.value.sent
        await asyncio.sleep(0.3)
        assert world.client.state is ari.State.REPLACED
        assert (await second.asterisk.ping()).ping == "pong"
        await _clear(second)


async def test_a_wrong_password_ends_the_client_at_once(world: World) -> None:
    stranger = ari.Client(world.url, world.username, "wrong", "other")
    with pytest.raises(ari.Unauthorized):
        await asyncio.wait_for(stranger.run(), 20)
    assert stranger.state is ari.State.CLOSED
