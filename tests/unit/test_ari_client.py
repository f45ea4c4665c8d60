"""The client around its connection: order, deadlines, loss, reconciling, fencing, odd frames."""

import asyncio
import gc
import json
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

import ari
from ari import events
from ari.fake import FakeAsterisk, frames
from ari.request import Operation, QueryParameter

APP = "ivr"


@pytest.fixture
async def fake() -> AsyncIterator[FakeAsterisk]:
    async with FakeAsterisk() as running:
        yield running


def new_client(fake: FakeAsterisk, **settings: Any) -> ari.Client:
    return ari.Client(fake.url, fake.username, fake.password, APP, **settings)


async def eventually(true: Callable[[], bool], within: float = 3.0) -> None:
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110  # what is waited for has no event of its own
            await asyncio.sleep(0.005)


async def test_requests_are_sent_at_once_and_in_the_order_of_the_calls(fake: FakeAsterisk) -> None:
    async with new_client(fake) as client:
        phone = fake.call(APP)
        leg = phone.channel.id
        fake.requests.clear()
        client.channels.answer(leg)
        client.channels.play_with_id(leg, "p1", media=["sound:a", "sound:b"])
        client.playbacks.stop("p1")
        last = client.channels.hangup(leg)
        await last
        assert fake.requests == [
            f"POST channels/{leg}/answer",
            f"POST channels/{leg}/play/p1",
            "DELETE playbacks/p1",
            f"DELETE channels/{leg}",
        ]
        assert phone.heard == ["sound:a"]


async def test_a_command_that_waits_for_a_channel_does_not_hold_up_the_others(fake: FakeAsterisk) -> None:
    async with new_client(fake) as client:
        phone = fake.call(APP)
        fake.delays[f"POST channels/{phone.channel.id}/variable"] = 0.5
        waiting = client.channels.set_channel_var(phone.channel.id, variable="X", value="1")
        loop = asyncio.get_running_loop()
        started = loop.time()
        for _ in range(20):
            await client.asterisk.ping()
        assert loop.time() - started < 0.25
        assert not waiting.done()
        await waiting
        assert phone.channel.variables == {"X": "1"}


async def test_a_request_that_is_not_answered_in_time_says_so(fake: FakeAsterisk) -> None:
    async with new_client(fake, deadline=0.1) as client:
        fake.silent = True
        with pytest.raises(ari.DeadlineExceeded, match=r"asterisk\.ping: no answer within 0\.1 s"):
            await client.asterisk.ping()
        slow = client.asterisk.ping(deadline=0.4)
        with pytest.raises(ari.DeadlineExceeded):
            await client.asterisk.ping()
        assert not slow.done()
        with pytest.raises(ari.DeadlineExceeded, match=r"within 0\.4 s"):
            await slow
        assert client.lanes["main"].in_flight == 0


async def test_an_answer_after_the_deadline_is_counted_and_dropped(fake: FakeAsterisk) -> None:
    async with new_client(fake) as client:
        fake.delays["GET asterisk/ping"] = 0.1
        with pytest.raises(ari.DeadlineExceeded):
            await client.asterisk.ping(deadline=0.02)
        await eventually(lambda: client.lanes["main"].counters.late == 1)
        fake.delays.clear()
        assert (await client.asterisk.ping()).ping == "pong"


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
    await asyncio.wait_for(client.ready(), 3)
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


async def test_failures_nobody_awaited_are_told_and_make_no_noise(
    fake: FakeAsterisk, caplog: pytest.LogCaptureFixture
) -> None:
    async with new_client(fake) as client:
        told: list[ari.AriError] = []
        client.on_failure(told.append)
        client.channels.answer("nobody")
        client.channels.hangup("nobody")
        with pytest.raises(ari.Gone):
            await client.channels.answer("somebody")
        gc.collect()
        assert [(type(e), e.operation) for e in told] == [(ari.Gone, "channels.answer")]
    assert "never retrieved" not in caplog.text


async def test_a_cancelled_wait_leaves_the_lane_whole(fake: FakeAsterisk) -> None:
    async with new_client(fake) as client:
        fake.delays["GET asterisk/ping"] = 0.05
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.asterisk.ping(), 0.01)
        fake.delays.clear()
        assert (await client.asterisk.ping()).ping == "pong"


async def test_too_many_requests_in_flight_are_refused_here(fake: FakeAsterisk) -> None:
    async with new_client(fake, max_in_flight=2) as client:
        fake.silent = True
        held = [client.asterisk.ping(deadline=0.1) for _ in range(2)]
        with pytest.raises(ari.TooManyRequests):
            await client.asterisk.ping()
        assert all(
            isinstance(e, ari.DeadlineExceeded) for e in await asyncio.gather(*held, return_exceptions=True)
        )


async def test_what_no_frame_can_carry_goes_over_http_or_is_refused(fake: FakeAsterisk) -> None:
    async with new_client(fake) as client:
        phone = fake.call(APP)
        quotes = '"' * 19_000  # 38 KB as JSON, 76 KB as JSON within JSON
        await client.channels.originate_with_id("c1", endpoint="PJSIP/t", app=APP, variables={"X": quotes})
        assert fake.world.channels["c1"].variables == {"X": quotes}
        with pytest.raises(ari.TooLarge):
            await client.channels.set_channel_var(phone.channel.id, variable="X", value="y" * 70_000)
        with pytest.raises(ari.Broken):  # the fake keeps no recordings; it was asked over HTTP
            await client.recordings.get_stored_file("r1")
        assert client.state is ari.State.READY


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
            await asyncio.wait_for(client.ready(), 3)


async def test_a_failing_handler_stops_neither_the_others_nor_the_stream(
    fake: FakeAsterisk, caplog: pytest.LogCaptureFixture
) -> None:
    async with new_client(fake) as client:
        heard: list[str] = []

        def broken(event: events.StasisStart) -> None:
            raise RuntimeError("mistake")

        client.on_event(events.StasisStart, broken)
        client.on_event("StasisStart", lambda event: heard.append(event.args[0]))
        fake.call(APP, "one")
        fake.call(APP, "two")
        await client.asterisk.ping()
        assert heard == ["one", "two"]
        assert "a handler of StasisStart failed" in caplog.text


async def test_channel_events_can_be_heard_for_one_channel_and_given_up(fake: FakeAsterisk) -> None:
    async with new_client(fake) as client:
        mine, other = fake.call(APP), fake.call(APP)
        keys: list[tuple[str, str]] = []
        subscription = client.on_channel_event(
            events.ChannelDtmfReceived,
            lambda channel, event: keys.append((channel.id, event.digit)),
            mine.channel.id,
        )
        mine.press("1")
        other.press("2")
        await client.asterisk.ping()
        subscription.close()
        subscription.close()
        mine.press("3")
        await client.asterisk.ping()
        assert keys == [(mine.channel.id, "1")]


def test_mistakes_of_the_caller_are_explained() -> None:
    client = ari.Client("http://127.0.0.1:1", "u", "p", APP)

    async def waiting(event: events.StasisStart) -> None: ...

    with pytest.raises(ari.InvalidArgument, match="plain function"):
        client.on_event(events.StasisStart, waiting)  # type: ignore[arg-type]
    with pytest.raises(ari.InvalidArgument, match="no event 'StasisStrat'"):
        client.on_event("StasisStrat", print)
    with pytest.raises(ari.InvalidArgument, match="hidden_events"):
        client.on_event(events.ChannelVarset, print)
    with pytest.raises(ari.InvalidArgument, match="has no channel"):
        client.on_channel_event(events.PlaybackFinished, print)
    with pytest.raises(ari.InvalidArgument, match="must be like"):
        ari.Client("127.0.0.1:8088", "u", "p", APP)
    with pytest.raises(ari.InvalidArgument, match="apart from the address"):
        ari.Client("http://u:p@127.0.0.1:8088", "u", "p", APP)
    with pytest.raises(ari.InvalidArgument, match="one name"):
        ari.Client("http://127.0.0.1:8088", "u", "p", "a,b")


async def test_arguments_that_would_change_their_meaning_are_refused(fake: FakeAsterisk) -> None:
    async with new_client(fake) as client:
        with pytest.raises(ari.InvalidArgument, match="empty"):
            client.channels.hangup("")
        with pytest.raises(ari.InvalidArgument, match="comma"):
            client.channels.play("c", media=["sound:a,sound:b", "sound:c"])
        with pytest.raises(ari.InvalidArgument, match="no lane 'fast'"):
            client.channels.answer("c", lane="fast")


async def test_the_fake_refuses_what_the_description_does_not_know(fake: FakeAsterisk) -> None:
    async with new_client(fake) as client:
        phone = fake.call(APP)
        main = client.lanes["main"]
        known = Operation("channels.answer", "POST", type(None))
        leg = phone.channel.id
        parameter = QueryParameter
        for uri, query, why in (
            (f"channels/{leg}/anser", [], "Resource not found"),
            (f"channels/{leg}/answer", [parameter("loud", "1")], "Unknown parameter loud"),
            (f"channels/{leg}/play", [], "Missing parameter media"),
            (
                f"channels/{leg}/record",
                [parameter("name", "n"), parameter("format", "wav"), parameter("ifExists", "maybe")],
                "ifExists",
            ),
            (f"channels/{leg}/dial", [parameter("timeout", "soon")], "timeout"),
        ):
            with pytest.raises(ari.Refused, match=why):
                await main.request(known, uri, query, None, None)


async def test_numbers_that_asterisk_quotes_are_masked_in_errors() -> None:
    error = ari.Refused("channels.originate", 400, "Endpoint PJSIP/trunk/081234567890 not found")
    assert "081234567890" not in str(error)
    assert "7890" in str(error)


async def test_idle_sockets_are_asked_for_a_sign_of_life(fake: FakeAsterisk) -> None:
    async with new_client(fake, idle_ping=0.1) as client:
        await asyncio.sleep(0.35)
        assert client.state is ari.State.READY
        fake.deaf = True
        await eventually(lambda: client.state is not ari.State.READY)


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "ari")
