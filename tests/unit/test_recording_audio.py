"""Plain audio: repaired, held against the talk, silenced, coded without loss, and measured."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from recording.audio import CodingFailed, Heard, PlainSides, encode
from recording.container import CHUNK, HEADER_BYTES, STEP, SealedFile, Sealer, Section, chunks
from recording.measures import measure
from recording.plain import PlainAway, PlainFolder
from recording.recordings import RATE, Mark, MarkKind, Measures, Mode, Recording
from recording.states import State
from recording.verify import Verdict, gap, judge, silenced
from recording.wav import HEADER, Samples, Wav, WavRefused, look, repair, samples
from tests.sealing_world import voice, write_wav

AT = datetime(2026, 3, 2, 3, tzinfo=UTC)
OF = ("call", 1, "leg", "in", "efin/B", "", "1001", "id", Mode.ALWAYS)
STOPPED = Recording("0a" * 16, *OF, State.STOPPED, AT, expected_ms=3000)


@pytest.mark.parametrize("killed", [False, True])
def test_a_header_is_mended_in_place(tmp_path: Path, killed: bool) -> None:
    path, sound = tmp_path / "side.wav", voice(2.0)
    write_wav(path, sound, killed=killed)
    found = look(path)
    assert (found.frames, found.closed) == (len(sound), not killed)
    mended = repair(found)
    assert mended.closed and look(path).closed
    read, rate = sf.read(path, dtype="int16")  # by somebody else's eyes
    assert rate == RATE and np.array_equal(read, sound)
    assert np.array_equal(samples(mended, 100, 50), sound[100:150])


def test_a_beginning_of_zeros_is_mended(tmp_path: Path) -> None:
    path, sound = tmp_path / "side.wav", voice(1.0)
    write_wav(path, sound)
    data = path.read_bytes()
    path.write_bytes(bytes(HEADER.size) + data[HEADER.size :])
    repair(look(path))
    assert np.array_equal(sf.read(path, dtype="int16")[0], sound)


def test_less_than_the_header_says_counts_as_it_is(tmp_path: Path) -> None:
    path, sound = tmp_path / "side.wav", voice(2.0)
    write_wav(path, sound)
    path.write_bytes(path.read_bytes()[:-4001])  # the disk was full
    found = look(path)
    assert not found.closed and found.frames == len(sound) - 2001
    assert repair(found).closed and look(path).frames == found.frames


def test_what_is_no_audio_of_ours_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "side.wav"
    for data in (b"RIFF" + bytes(100), b"hello" * 20):
        path.write_bytes(data)
        with pytest.raises(WavRefused):
            look(path)
    sf.write(path, np.zeros((100, 2), dtype=np.int16), 44100)
    with pytest.raises(WavRefused):
        look(path)
    path.write_bytes(b"RI")
    assert look(path).frames == 0


def side(ms: int, *, closed: bool = True) -> Wav:
    return Wav(Path("side.wav"), 44, ms * RATE // 1000, closed, 0.0)


@pytest.mark.parametrize(
    ("sides", "cause", "found"),
    [
        # (caller, agent), cause of the stop → lost_ms, cause, usable, alarming
        ((side(2950), side(2960)), "", (0, "", True, False)),
        ((side(2500), side(2500)), "", (500, "short", True, False)),
        ((side(1500), side(1500)), "", (1500, "short", True, True)),
        ((side(3000), side(1000)), "", (2000, "unequal", True, True)),
        ((side(3000), None), "", (3000, "one_side", True, True)),
        ((side(1500, closed=False), side(1500)), "", (1500, "crash", True, False)),
        ((side(1500, closed=False), side(1500)), "asterisk_died", (1500, "asterisk_died", True, False)),
        ((None, None), "", (3000, "missing", False, True)),
        ((side(0), side(0)), "", (3000, "empty", False, True)),
    ],
)
def test_bytes_are_held_against_the_talk(
    sides: tuple[Wav | None, Wav | None], cause: str, found: tuple[int, str, bool, bool]
) -> None:
    verdict = judge(replace(STOPPED, cause=cause), sides)
    assert (verdict.lost_ms, verdict.cause, verdict.usable, verdict.alarming) == found


def test_a_crash_that_took_more_than_it_can_is_an_alarm() -> None:
    sides = side(1000, closed=False), side(1000, closed=False)
    assert judge(replace(STOPPED, expected_ms=9000, cause="asterisk_died"), sides).alarming


def test_what_a_crash_took_is_marked_at_the_end_once() -> None:
    recording = replace(STOPPED, cause="asterisk_died")
    verdict = judge(recording, (side(1500, closed=False), side(1400)))
    missing = gap(recording, verdict, [])
    assert missing == Mark(MarkKind.GAP, 1400, 3000, "asterisk_died")
    assert gap(recording, verdict, [missing]) is None
    assert gap(STOPPED, judge(STOPPED, (side(1400), side(1400))), []) is None  # nobody knows where


def test_what_is_on_record_as_missing_is_added_to_what_the_files_lack() -> None:
    marks = [
        Mark(MarkKind.GAP, 0, 0, "late 700"),
        Mark(MarkKind.GAP, 1000, 1200, "new_voice"),
        Mark(MarkKind.GAP, 1100, 1300, "new_voice"),
        Mark(MarkKind.GAP, 1500, 1500, "service_away 900"),  # its audio is there
        Mark(MarkKind.TALK, 0, 3000, "1001"),
    ]
    whole = judge(STOPPED, (side(3000), side(3000)), marks)
    assert (whole.missing_ms, whole.lost_ms, whole.cause, whole.alarming) == (0, 1000, "marked", False)
    short = judge(STOPPED, (side(2500), side(2500)), marks)
    assert (short.missing_ms, short.lost_ms, short.cause) == (500, 1500, "short")
    died = replace(STOPPED, cause="asterisk_died")
    verdict = judge(died, (side(1250), side(1250)), marks)
    assert (verdict.missing_ms, verdict.lost_ms) == (1750, 700 + 250 + 1750)
    end = gap(died, verdict, marks)
    assert end == Mark(MarkKind.GAP, 1250, 3000, "asterisk_died")
    assert judge(died, (side(1250), side(1250)), [*marks, end]).lost_ms == verdict.lost_ms


def test_a_long_pause_is_an_alarm() -> None:
    pause = Mark(MarkKind.GAP, 1000, None, "new_voice")
    verdict = judge(STOPPED, (side(3000), side(3000)), [pause])
    assert (verdict.lost_ms, verdict.alarming) == (2000, True)


def verdict_of(expected_ms: int, audio_ms: int, cause: str = "") -> tuple[Recording, Verdict]:
    recording = replace(STOPPED, expected_ms=expected_ms, cause=cause)
    return recording, judge(recording, (side(audio_ms), side(audio_ms)))


@pytest.mark.parametrize(
    ("expected_ms", "audio_ms", "cause", "parts"),
    [
        (9000, 9000, "", [(800, 2200), (4800, 7200)]),  # 200 ms on either side; parts that touch are one
        (
            9000,
            8500,
            "",
            [(300, 2200), (4300, 7200)],
        ),  # half a second is missing somewhere: earlier
        (8500, 9000, "", [(800, 2700), (4800, 7700)]),  # or there is more than there should be: later
        (9000, 8500, "asterisk_died", [(800, 2200), (4800, 7200)]),  # missing at the end
    ],
)
def test_silence_reaches_as_far_as_it_may_have_been(
    expected_ms: int, audio_ms: int, cause: str, parts: list[tuple[int, int]]
) -> None:
    marks = [
        Mark(MarkKind.SILENCED, 5000, 6000, "keys"),
        Mark(MarkKind.SILENCED, 1000, 2000, "proof"),
        Mark(MarkKind.SILENCED, 6100, 7000, "keys"),
        Mark(MarkKind.HOLD, 100, 500),
    ]
    found = silenced(marks, *verdict_of(expected_ms, audio_ms, cause))
    assert found == [(begin * 8, end * 8) for begin, end in parts]


def test_silence_without_an_end_lasts_to_the_end() -> None:
    mark = Mark(MarkKind.SILENCED, 1000, None, "proof")
    assert silenced([mark], *verdict_of(3000, 3000)) == [(6400, 24000)]


def coded(tmp_path: Path, caller: Samples, agent: Samples, silent: list[tuple[int, int]], how: str) -> Heard:
    sides = []
    for name, sound in (("caller", caller), ("agent", agent)):
        write_wav(tmp_path / f"{name}.wav", sound)
        sides.append(look(tmp_path / f"{name}.wav"))
    frames = max(len(caller), len(agent))
    with (tmp_path / "made").open("w+b") as file:
        out = SealedFile(file, Sealer("0a" * 16, bytes(32), how))
        heard = encode(PlainSides(sides, frames, silent), how, out)
        index = out.finish(heard.peaks, heard.frames, heard.digest)
    (tmp_path / "clear").write_bytes(_opened(tmp_path / "made", how, index.sound_bytes))
    return heard


def _opened(path: Path, how: str, size: int) -> bytes:
    sealer, data, found = Sealer("0a" * 16, bytes(32), how), path.read_bytes(), b""
    for number in range(chunks(size)):
        begin = HEADER_BYTES + number * STEP
        end = begin + min(STEP, size - number * CHUNK + 16)
        found += sealer.open(Section.SOUND, number, data[begin:end], last=number == chunks(size) - 1)
    return found


def test_flac_keeps_every_sample_of_both_sides_in_step(tmp_path: Path) -> None:
    caller, agent = voice(65.0), voice(64.2, 150.0, seed=2)
    heard = coded(tmp_path, caller, agent, [(8000, 24000)], "flac")
    wanted = np.zeros((len(caller), 2), dtype="<i2")
    wanted[:, 0], wanted[: len(agent), 1] = caller, agent
    wanted[8000:24000] = 0
    read, rate = sf.read(tmp_path / "clear", dtype="int16")
    assert rate == RATE and np.array_equal(read, wanted)
    assert sf.info(tmp_path / "clear").frames == len(caller)  # so a player can seek
    assert heard.digest == hashlib.sha256(wanted.tobytes()).digest()
    assert len(heard.levels[0].peaks) == len(heard.levels[1].peaks) == 650
    loudest = np.abs(wanted[:, 0].astype(int).reshape(-1, 800)).max(axis=1)
    assert np.allclose(np.frombuffer(heard.levels[0].peaks, dtype=np.uint8), loudest * 255 / 32768, atol=0.51)
    assert not any(heard.levels[0].peaks[10:30])


def test_opus_is_smaller_and_as_long(tmp_path: Path) -> None:
    heard = coded(tmp_path, voice(5.0), voice(5.0, 150.0), [], "opus")
    found = sf.info(tmp_path / "clear")
    assert (found.format, found.subtype, found.channels) == ("OGG", "OPUS", 2)
    assert abs(found.frames - heard.frames) < RATE // 50
    assert (tmp_path / "clear").stat().st_size < 5 * RATE * 4 / 5


def test_a_disk_that_fills_up_while_coding_is_told(tmp_path: Path) -> None:
    class Full(SealedFile):
        def write(self, data: bytes | memoryview) -> int:
            if self.length > 20_000:
                raise OSError(28, "No space left on device")
            return super().write(data)

    write_wav(tmp_path / "a.wav", voice(30.0))
    wav = look(tmp_path / "a.wav")
    for how in ("flac", "opus"):
        with (tmp_path / how).open("w+b") as file, pytest.raises(OSError, match="No space left"):
            encode(PlainSides([wav, wav], wav.frames, []), how, Full(file, Sealer("0a" * 16, bytes(32), how)))


def spoken(*parts: tuple[float, float], seconds: float = 20.0, tone: float = 200.0) -> Samples:
    sound = np.random.default_rng(5).normal(0, 20, round(seconds * RATE)).astype("<i2")
    for begin, end in parts:
        sound[round(begin * RATE) : round(end * RATE)] += voice(end - begin, tone)
    return sound


def measured(tmp_path: Path, caller: Samples, agent: Samples, *marks: Mark) -> Measures:
    return measure(coded(tmp_path, caller, agent, [], "flac").levels, marks)


def test_who_spoke_and_who_was_silent(tmp_path: Path) -> None:
    # The agent 0–6, the caller breaks in at 5 and goes on to 9, both are silent to 15, the agent 15–20.
    found = measured(tmp_path, spoken((5, 9)), spoken((0, 6), (15, 20), tone=150))
    assert found.agent_ms == pytest.approx(11_000, abs=400)
    assert found.caller_ms == pytest.approx(4_000, abs=400)
    assert found.overlap_ms == pytest.approx(1_000, abs=300)
    assert found.silence_ms == pytest.approx(6_000, abs=500)
    assert found.longest_silence_ms == pytest.approx(6_000, abs=500)
    assert (found.turns, found.interruptions) == (2, 1)
    assert found.agent_pace == pytest.approx(4.0, abs=0.6)
    assert found.caller_pace == pytest.approx(4.0, abs=0.8)


def test_only_the_talk_counts(tmp_path: Path) -> None:
    music = spoken((0, 20), tone=520)  # the caller hears music from 5 to 15
    talk, hold = Mark(MarkKind.TALK, 0, 20_000, "1001"), Mark(MarkKind.HOLD, 5_000, 15_000)
    found = measured(tmp_path, spoken(), music, talk, hold)
    assert found.agent_ms == pytest.approx(10_000, abs=200)
    assert found.silence_ms < 300
    assert measured(tmp_path, spoken(), music, Mark(MarkKind.TALK, 0, 5_000, "1001")).agent_ms < 5_200


def test_silence_on_both_sides_measures_nothing(tmp_path: Path) -> None:
    nothing = np.zeros(RATE * 5, dtype="<i2")
    found = measured(tmp_path, nothing, nothing)
    assert (found.caller_ms, found.agent_ms, found.silence_ms) == (0, 0, 5000)
    assert (found.turns, found.interruptions, found.agent_pace) == (0, 0, 0.0)


def test_the_folder_of_plain_audio_is_closed_to_others(tmp_path: Path) -> None:
    root = tmp_path / "plain"
    root.mkdir(mode=0o755)
    folder = PlainFolder(root)
    folder.check()
    assert root.stat().st_mode & 0o777 == 0o700
    write_wav(folder.path("0a" * 16, "agent"), voice(0.1))
    (root / "something.wav").write_bytes(b"")
    assert sorted(file.recording_id for file in folder.files()) == ["", "0a" * 16]
    root.rename(tmp_path / "away")
    with pytest.raises(PlainAway, match="mount it again"):
        folder.sides("0a" * 16)


def test_an_unknown_coding_is_refused(tmp_path: Path) -> None:
    assert issubclass(CodingFailed, Exception)
    with pytest.raises(ValueError, match="not in tuple"):
        Sealer("0a" * 16, bytes(32), "mp3")
