"""The bench of the ARI client counts what it says it counts."""

import json

from ari.fake import frames
from bench import ari_client, ari_client_arm
from bench.ari_client_arm import KINDS


def test_the_raw_arm_counts_whole_frames_of_every_size() -> None:
    stream = b"".join(frames.frame(b"x" * size) for size in (20, 125, 126, 4_000, 65_535))
    for cut in range(0, len(stream), 7):
        first, rest = ari_client_arm.split(stream[:cut])
        second, left = ari_client_arm.split(rest + stream[cut:])
        assert (first + second, left) == (5, b"")


def test_every_event_of_the_benchs_call_is_one_that_the_arms_handle() -> None:
    kinds = [json.loads(event)["type"] for event in ari_client.events_of_a_call()]
    assert set(kinds) <= set(KINDS)
    assert kinds[0] == "StasisStart"
    assert kinds[-1] == "ChannelDestroyed"
    assert kinds.count("ChannelDtmfReceived") == 2
