"""The telephone on a real Asterisk with a dialplan of two prompts."""

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.phone.calls import NotHeard
from service.phone.client import Telephone
from service.phone.hearing import read_wave
from service.phone.sounds import SoundLibrary
from tests.real_asterisk import RealAsterisk

pytestmark = [pytest.mark.sip, pytest.mark.asterisk]

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"
QUESTION, ANSWER = "npwp_or_not", "welcome_noon"
DIALPLAN = (
    "7001,1,Goto,phone-test,s,1 into from-trunk",
    "s,1,Answer into phone-test",
    f"s,2,Background,kring/id/{QUESTION} into phone-test",
    "s,3,WaitExten,3 into phone-test",
    f"1,1,Playback,kring/id/{ANSWER} into phone-test",
    "1,2,Hangup,16 into phone-test",
    "t,1,Hangup,16 into phone-test",
)


@pytest.fixture(scope="module")
def exchange(asterisk: RealAsterisk) -> str:
    """The SIP address of an Asterisk where 7001 asks a question, and 1 answers it."""
    for name in (QUESTION, ANSWER):
        shutil.copy(PROMPTS / "audio" / "id" / f"{name}.wav", asterisk.sounds / "kring" / "id")
    for line in DIALPLAN:
        said = asyncio.run(asterisk.embedded.console(f"dialplan add extension {line} replace"))
        assert "by '" in said, said
    return asterisk.sip


@pytest.fixture
async def phone(exchange: str, library: SoundLibrary) -> AsyncIterator[Telephone]:
    async with Telephone(exchange, library) as phone:
        yield phone


async def test_a_call_hears_presses_and_is_hung_up_on(phone: Telephone) -> None:
    call = await phone.call("7001")
    question = await call.hears(QUESTION, language="id", within=10)
    await asyncio.sleep(1)
    await call.press("1")
    answer = await call.hears(ANSWER, within=10, next_only=True)
    latency = call.key_to_prompt()
    assert question.ended is not None
    assert not question.complete, "the key cut the question short"
    assert latency is not None
    assert 0 <= latency < 2, "heard before the next prompt was due"
    ended = await call.until_ended(10)
    assert (ended.status, ended.by) == (200, "far_end")
    assert answer.complete
    assert 0 <= max(call.gaps()) < 2, "a machine under load stretches a gap; a lost prompt is longer"
    assert ended.duration > 3


async def test_a_prompt_that_does_not_come_says_what_came_instead(phone: Telephone) -> None:
    call = await phone.call("7001")
    with pytest.raises(NotHeard, match=f"expected to hear npwp_enter, heard {QUESTION}"):
        await call.hears("npwp_enter", within=1)
    ended = await call.hang_up()
    assert (ended.status, ended.by) == (200, "phone")


async def test_a_number_that_does_not_exist_is_refused(phone: Telephone) -> None:
    call = await phone.call("999")
    assert call.answered_at is None
    assert call.ended is not None
    assert (call.ended.status, call.ended.by, call.ended.duration) == (404, "far_end", 0.0)


async def test_more_calls_at_once_than_one_process_carries(phone: Telephone) -> None:
    calls = await asyncio.gather(*(phone.call("7001") for _ in range(6)))
    heard = await asyncio.gather(*(call.hears(QUESTION, within=10) for call in calls))
    assert len(heard) == 6
    again = await asyncio.gather(*(call.hang_up() for call in calls))
    assert {ended.by for ended in again} == {"phone"}
    assert (await phone.call("7001")).ended is None


async def test_only_telephone_keys_can_be_pressed(phone: Telephone) -> None:
    call = await phone.call("7001")
    with pytest.raises(ValueError, match="not a telephone key: 'x'"):
        await call.press("12x")
    assert call.pressed == []


async def test_kring_call_prints_what_happens_for_people(exchange: str, tmp_path: Path) -> None:
    wav = tmp_path / "heard.wav"
    code, lines = await _kring("7001", "--target", exchange, "--press", "w0.5 1", "--save", str(wav))
    assert code == 0
    words = [line.split()[1:3] for line in lines]
    assert words[:3] == [["hears", QUESTION], ["presses", "1"], ["hears", ANSWER]]
    assert words[-1][0] == "ended"
    assert "the far end hung up" in lines[-1]
    assert "Selamat siang" in lines[2]
    assert len(read_wave(wav)) > 3 * 8000


async def test_kring_call_masks_long_runs_and_speaks_json(exchange: str) -> None:
    code, lines = await _kring(
        "7001", "--target", exchange, "--press", "w0.2 123456 <npwp>", "--listen", "0.5", "--json"
    )
    assert code == 0
    events = [json.loads(line) for line in lines]
    pressed = [event["keys"] for event in events if event["event"] == "presses"]
    assert pressed[0] == "…3456"
    assert events[-1]["event"] == "ended"
    assert events[-1]["answered"] is True


async def test_kring_call_exits_with_1_when_refused(exchange: str) -> None:
    code, lines = await _kring("999", "--target", exchange, "--press", "1")
    assert code == 1
    assert "404 Not Found, not answered" in lines[-1]


async def test_without_pjsua2_the_remedy_is_named(tmp_path: Path) -> None:
    (tmp_path / "pjsua2.py").write_text("raise ImportError\n")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service.phone.process"),
        env={"PYTHONPATH": str(tmp_path)},
        cwd=PROMPTS.parent,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    told = json.loads(out)
    assert told["event"] == "unusable"
    assert "pip install pjsua2-python" in told["why"]


async def _kring(*arguments: str) -> tuple[int | None, list[str]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from service.cli import main; main()", "call", *arguments),
        cwd=PROMPTS.parent,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    return process.returncode, out.decode().splitlines()
