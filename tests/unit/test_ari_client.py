"""Requests, replies and handlers of the client."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator

import pytest

import ari
from ari import events
from ari.fake import FakeAsterisk
from ari.request import Operation, QueryParameter
from tests.ari_support import APP, eventually, new_client


@pytest.fixture
async def fake() -> AsyncIterator[FakeAsterisk]:
    async with FakeAsterisk() as running:
        yield running


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "ari")


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
