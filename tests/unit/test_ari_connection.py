"""The client around its connection: loss, reconciling, fencing, odd frames."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import pytest

import ari
from ari import events
from ari.fake import FakeAsterisk, frames
from tests.ari_support import APP, eventually, new_client


@pytest.fixture
async def fake() -> AsyncIterator[FakeAsterisk]:
    async with FakeAsterisk() as running:
        yield running


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "ari")


async def test_a_lost_connection_fails_what_is_in_flight_and_nothing_is_sent_twice(
    fake: FakeAsterisk,
) -> None:
    async with new_client(fake) as client:
        fake.silent = True
        fake.requests.clear()
        dialling = client.channels.originate_with_id("c1", endpoint="PJSIP/trunk", app=APP)
        await eventually(lambda: len(fake.requests) == 1)
        fake.cut()
        with pytest.raises(ari.Disconnected) as lost:
            await dialling
        assert lost.value.sent
        with pytest.raises(ari.Disconnected) as unsent:
            await client.asterisk.ping()
        assert not unsent.value.sent
        fake.silent = False
        await client.ready()
        assert fake.requests.count("POST channels/c1") == 1


async def test_after_every_connect_the_hook_runs_before_held_events_and_ready(fake: FakeAsterisk) -> None:
    client = new_client(fake)
    story: list[str] = []
    client.on_event(events.StasisStart, lambda event: story.append(f"start {event.args[0]}"))
    client.on_state(lambda state: story.append(str(state)))

    async def hook() -> None:
        fake.call(APP, "one")
        fake.call(APP, "two")
        await client.asterisk.ping()  # both events came before this answer
        story.append("hook")

    client.on_reconcile(hook)
    async with client:
        assert story == ["reconciling", "hook", "start one", "start two", "ready"]
        story.clear()
        fake.cut()
        await eventually(lambda: client.state is not ari.State.READY)
        await client.ready()
        assert story == ["connecting", "reconciling", "hook", "start one", "start two", "ready"]


async def test_a_hook_that_fails_is_tried_again(fake: FakeAsterisk, caplog: pytest.LogCaptureFixture) -> None:
    client = new_client(fake)
    tries: list[int] = []

    async def hook() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise RuntimeError("database away")

    client.on_reconcile(hook)
    async with client:
        assert len(tries) == 3
    assert "reconciling failed" in caplog.text


async def test_more_held_events_than_allowed_start_reconciling_anew(fake: FakeAsterisk) -> None:
    client = new_client(fake, max_held_events=10)
    tries: list[int] = []

    async def hook() -> None:
        tries.append(1)
        if len(tries) == 1:
            for _ in range(20):
                fake.call(APP)
            await client.asterisk.ping()

    client.on_reconcile(hook)
    async with client:
        assert len(tries) == 2


async def test_while_asterisk_is_down_the_client_keeps_trying(fake: FakeAsterisk) -> None:
    await fake.stop()
    client = new_client(fake)
    running = asyncio.create_task(client.run())
    await asyncio.sleep(0.2)
    assert client.state is ari.State.CONNECTING
    await fake.start()
    await asyncio.wait_for(client.ready(), 15)
    await client.close()
    await running


@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"\x00\x01 not HTTP\r\n\r\n",
        b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Moved\r\nLocation: ws://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
    ],
)
async def test_a_handshake_that_goes_wrong_is_tried_again(fake: FakeAsterisk, nonsense: bytes) -> None:
    greeted = 0

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal greeted
        greeted += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(nonsense)
        writer.close()

    await fake.stop()
    other = await asyncio.start_server(greet, "127.0.0.1", int(fake.url.rpartition(":")[2]))
    client = new_client(fake)
    running = asyncio.create_task(client.run())
    await eventually(lambda: greeted >= 4)
    assert not running.done()
    other.close()
    await other.wait_closed()
    await fake.start()
    await asyncio.wait_for(client.ready(), 15)
    await client.close()
    await running


async def test_a_replaced_client_never_comes_back(fake: FakeAsterisk) -> None:
    first = new_client(fake)
    running = asyncio.create_task(first.run())
    await first.ready()
    async with new_client(fake) as second:
        with pytest.raises(ari.Replaced):
            await running
        with pytest.raises(ari.Replaced):
            await first.ready()
        assert second.state is ari.State.READY
        assert first.state is ari.State.REPLACED


async def test_odd_frames_do_not_stop_the_stream(fake: FakeAsterisk) -> None:
    async with new_client(fake) as client:
        known: list[str] = []
        unknown: list[ari.UnknownEvent] = []
        client.on_event(events.ApplicationRegistered, lambda event: known.append(event.timestamp))
        client.on_event(ari.UnknownEvent, unknown.append)

        def event(kind: str, stamp: str, **fields: object) -> bytes:
            return json.dumps({"timestamp": stamp, **fields, "type": kind}).encode()

        whole = event("ApplicationRegistered", "fragmented")
        for data in (
            frames.frame(event("ApplicationRegistered", "first", application=APP, extra={"deep": [1]})),
            frames.frame(b"{ garbage"),
            frames.frame(b"\xff\xfe"),
            frames.frame(b"[" * 100_000),
            frames.frame(event("BrandNewEvent", "x", channel={"id": "c"})),
            frames.frame(event("StasisStart", "y", channel="not a channel")),
            frames.frame(b"binary", 0x2),
            frames.frame(b"are you there", frames.PING),
            frames.frame(whole[:10], fin=False),
            frames.frame(b"", frames.PING),
            frames.frame(whole[10:20], frames.CONTINUATION, fin=False),
            frames.frame(whole[20:], frames.CONTINUATION),
        ):
            fake.send_raw(APP, data)
        halved = frames.frame(event("ApplicationRegistered", "in two pieces"))
        fake.send_raw(APP, halved[:7])
        await client.asterisk.ping(lane="slow")
        fake.send_raw(APP, halved[7:])
        assert (await client.asterisk.ping()).ping == "pong"
        assert known == ["first", "fragmented", "in two pieces"]
        assert [each.name for each in unknown] == ["BrandNewEvent", "StasisStart"]
        assert json.loads(unknown[0].raw)["channel"] == {"id": "c"}
        assert client.lanes["main"].counters.unreadable == 5


async def test_a_goodbye_or_a_broken_frame_is_a_lost_connection_like_any_other(fake: FakeAsterisk) -> None:
    async with new_client(fake) as client:
        for farewell in (
            frames.frame(b"\x03\xe8", frames.CLOSE),
            b"\xff" * 10,
        ):
            fake.send_raw(APP, farewell)
            await eventually(lambda: client.state is not ari.State.READY)
            await asyncio.wait_for(client.ready(), 15)


async def test_idle_sockets_are_asked_for_a_sign_of_life(fake: FakeAsterisk) -> None:
    async with new_client(fake, idle_ping=0.1) as client:
        await asyncio.sleep(0.35)
        assert client.state is ari.State.READY
        fake.deaf = True
        await eventually(lambda: client.state is not ari.State.READY)
