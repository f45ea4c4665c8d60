import io
import json
import os
import struct
import time
from pathlib import Path

import pytest

from bench import accounting, pcap, sip, sipp
from bench.ear import Ear, Repertoire
from bench.figures import Report, not_measured, percentile, ratio_at_least, ratio_at_most, within
from bench.rtp import KEY_FRAMES, RtpOut

FRAMES = [bytes([number]) * 160 for number in range(20)]
SILENCE = b"\xd5" * 160


def test_a_figure_is_one_line_of_json_and_a_broken_bound_ends_with_1() -> None:
    out = io.StringIO()
    report = Report(out)

    report.add(ratio_at_most("cpu", ours=11.0, peer=10.0, limit=1.15, unit="ms/call"))
    assert report.exit_code == 0
    report.add(ratio_at_least("knee", ours=4.0, peer=10.0, limit=0.5, unit="calls/s"))

    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert first == {
        "figure": "cpu",
        "ours": 11.0,
        "peer": 10.0,
        "ratio": 1.1,
        "bound": "ratio <= 1.15",
        "holds": True,
        "unit": "ms/call",
    }
    assert second["holds"] is False
    assert report.exit_code == 1


def test_what_was_not_measured_does_not_hold_and_says_why() -> None:
    figure = json.loads(not_measured("ivr", "ratio <= 1", "ms", "no SIPp").line())

    assert figure["holds"] is False
    assert figure["note"] == "not measured: no SIPp"


def test_no_figures_at_all_is_a_failure() -> None:
    assert Report(io.StringIO()).exit_code == 1


def test_within_compares_the_difference() -> None:
    assert within("p50", ours=3.4, peer=1.5, margin=2, unit="ms").holds
    assert not within("p50", ours=3.6, peer=1.5, margin=2, unit="ms").holds


def test_percentile_takes_the_nearest_rank() -> None:
    values = list(range(1, 101))

    assert percentile(values, 0.99) == 99
    assert percentile(values, 0.5) == 50
    assert percentile([7.0], 0.99) == 7.0
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_an_ear_finds_where_a_prompt_began_though_it_begins_with_silence() -> None:
    ear = Ear(
        Repertoire({"menu": SILENCE * 2 + b"".join(FRAMES[:5]), "bye": SILENCE + b"".join(FRAMES[5:8])})
    )
    packets = [SILENCE, SILENCE, FRAMES[0], FRAMES[1], SILENCE, FRAMES[5]]

    heard = [ear.hear(65534 + number & 0xFFFF, packet, 100 + number) for number, packet in enumerate(packets)]

    assert [(place, begun.prompt, begun.at) for place, begun in enumerate(heard) if begun] == [
        (2, "menu", 100),
        (5, "bye", 104),
    ]
    assert (ear.packets, ear.missing, ear.clipped) == (6, 0, 0)


def test_an_ear_counts_what_is_missing_and_hears_a_repeated_prompt_again() -> None:
    ear = Ear(Repertoire({"menu": b"".join(FRAMES[:5])}))

    first = ear.hear(1, FRAMES[0], 10)
    ear.hear(2, FRAMES[1], 11)
    ear.hear(5, FRAMES[4], 14)
    again = ear.hear(6, FRAMES[0], 15)

    assert first is not None
    assert again is not None
    assert again.at == 15
    assert ear.missing == 2


def test_a_prompt_without_any_frame_of_its_own_is_refused() -> None:
    with pytest.raises(ValueError, match="'copy'"):
        Repertoire({"menu": FRAMES[0] + FRAMES[1], "copy": FRAMES[0], "rest": FRAMES[2]})


def test_a_key_is_an_rfc_4733_event_with_growing_duration_and_three_ends() -> None:
    packets = list(RtpOut(ssrc=7).key("#"))

    events = [struct.unpack("!BBHIIBBH", packet) for packet, _ in packets]
    assert {event[5] for event in events} == {11}  # "#"
    assert {event[3] for event in events} == {8000}  # one time stamp for the whole key
    assert [event[7] for event in events] == [160, 320, 480, 640, 800, 800, 800, 800]
    assert [event[6] >> 7 for event in events] == [0] * KEY_FRAMES + [1, 1, 1]
    assert [event[1] >> 7 for event in events] == [1] + [0] * 7
    assert [first_end for _, first_end in packets].index(True) == KEY_FRAMES


def test_the_captures_of_a_calls_keys_differ_in_their_time_stamps(tmp_path: Path) -> None:
    length = pcap.write_key(tmp_path / "a", "1", 0)
    pcap.write_key(tmp_path / "b", "1", 1)

    first, second = (pcap.read_payloads((tmp_path / name).read_bytes()) for name in "ab")

    assert length == pytest.approx(0.16)
    assert len(first) == len(second) == 8
    assert struct.unpack("!I", first[0][4:8]) != struct.unpack("!I", second[0][4:8])
    assert first[0][12:] == second[0][12:]


def test_a_scenario_presses_its_keys_and_waits_for_the_end(tmp_path: Path) -> None:
    text = sipp.scenario([sipp.Key("1", 2.5), sipp.Key("2", 1.0)], tmp_path, sipp.CalleeHangsUp(7.5))

    assert text.index('milliseconds="2500"') < text.index("key-0.pcap") < text.index("key-1.pcap")
    assert '<recv request="BYE" timeout="7500"/>' in text
    assert (tmp_path / "key-1.pcap").exists()


STATISTICS = """\
StartTime;CurrentTime;TotalCallCreated;CurrentCall;SuccessfulCall(C);FailedCall(C);refused(C);
2026-01-05\t10:00:00\t100.5;2026-01-05\t10:00:00\t100.5;0;0;0;0;0;
2026-01-05\t10:00:00\t100.5;2026-01-05\t10:00:04\t104.5;40;1;36;3;6;
"""
TIMES = "Date_ms;response_time_ms;rtd_no\n54.2;1.5;answer\n99.0;7.25;other\n104.3;2.5;answer\n"


def test_sipps_files_are_read() -> None:
    found = sipp.outcome(STATISTICS, TIMES)

    assert (found.offered, found.completed, found.refused, found.failed) == (40, 30, 6, 4)
    assert found.seconds == pytest.approx(4.0)
    assert found.answer_ms == (1.5, 2.5)
    assert found.p99() == 2.5


def test_a_run_of_sipp_without_statistics_is_an_error() -> None:
    with pytest.raises(sipp.SippFailed, match="no statistics"):
        sipp.outcome(STATISTICS.splitlines()[0], "")


ANSWER = (
    b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9\r\nCall-ID: abc\r\n"
    b"f: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCSeq: 1 INVITE\r\nContact: <sip:127.0.0.1:5060>\r\n\r\n"
    b"v=0\r\nc=IN IP4 127.0.0.9\r\nm=audio 4004 RTP/AVP 8 101\r\n"
)


def test_a_sip_answer_is_read_and_acknowledged_at_its_contact() -> None:
    answer = sip.parse(ANSWER)
    dialog = sip.Dialog.new(("127.0.0.1", 5070), ("127.0.0.1", 5060), "1500200", "08125550001")
    dialog.to_tag, dialog.target = "2", answer.contact

    assert (answer.status, answer.method, answer.headers["from"]) == (200, "INVITE", "<sip:a@b>;tag=1")
    assert sip.media_address(answer.body) == ("127.0.0.9", 4004)
    ack = sip.parse(dialog.ack(of_success=True))
    assert ack.start == "ACK sip:127.0.0.1:5060 SIP/2.0"
    assert ack.headers["to"].endswith(";tag=2")
    with pytest.raises(sip.NotSip):
        sip.parse(b"hello\r\n\r\n")


def test_cpu_and_size_of_a_process_are_read() -> None:
    meter = accounting.Meter.start([os.getpid()])
    until = time.process_time() + 0.1
    while time.process_time() < until:
        pass

    spent = meter.read()[os.getpid()]
    held = accounting.size(os.getpid())

    assert 0.05 <= spent <= 1.0
    assert held.memory > 1_000_000
    assert held.descriptors >= 3
    with pytest.raises(accounting.ProcessGone):
        accounting.cpu_seconds(2**22 + 1)
