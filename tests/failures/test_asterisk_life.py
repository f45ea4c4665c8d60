"""The life of the embedded Asterisk: adoption, death, two side by side, ports in use."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace

import pytest

from asterisk_conf.ami import Ami, AmiUnavailable
from asterisk_conf.embedded import EmbeddedAsterisk
from asterisk_conf.ports import PortTaken
from asterisk_conf.program import AsteriskProgram
from asterisk_conf.settings import AsteriskSettings
from tests import real_asterisk
from tests.conftest import NewAsterisk
from tests.small_app import SmallApp
from tests.small_phone import SmallPhone

pytestmark = pytest.mark.asterisk

STARTER = """
import asyncio, os, sys
from pathlib import Path
from asterisk_conf.embedded import EmbeddedAsterisk
from asterisk_conf.program import find_asterisk
from asterisk_conf.settings import AsteriskSettings, Wss
settings = eval(sys.argv[1], {"PosixPath": Path, "AsteriskSettings": AsteriskSettings, "Wss": Wss})
settings = AsteriskSettings(**{**settings, "home": Path(settings["home"])})
asyncio.run(EmbeddedAsterisk(settings, find_asterisk(Path(sys.argv[2]))).start())
print("ready", flush=True)
os.kill(os.getpid(), 9)
"""


def _embedded(settings: AsteriskSettings, program: AsteriskProgram) -> EmbeddedAsterisk:
    return EmbeddedAsterisk(settings, program, progress=lambda line: None)


async def test_it_outlives_the_process_that_started_it_and_is_adopted(
    asterisk_program: AsteriskProgram,
) -> None:
    settings = real_asterisk.new_settings()
    fields = {name: getattr(settings, name) for name in settings.__dataclass_fields__}
    starter = await asyncio.to_thread(
        subprocess.run,
        [
            sys.executable,
            "-c",
            STARTER,
            repr({**fields, "home": str(settings.home)}),
            str(real_asterisk.CACHE),
        ],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (starter.returncode, starter.stdout.splitlines()[-1:]) == (-signal.SIGKILL, ["ready"]), (
        starter.stderr
    )
    embedded = _embedded(settings, asterisk_program)
    pid = embedded.pid()
    assert pid is not None
    assert await embedded.start() is True
    assert embedded.pid() == pid
    ended = asyncio.create_task(embedded.wait())
    os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(20):
        assert await ended is None
    assert embedded.pid() is None
    assert await embedded.start() is False
    await real_asterisk.stop(real_asterisk.RealAsterisk(settings, embedded))


async def test_its_death_is_noticed(new_asterisk: NewAsterisk) -> None:
    asterisk = await new_asterisk()
    pid = asterisk.embedded.pid()
    assert pid is not None
    ended = asyncio.create_task(asterisk.embedded.wait())
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(20):
        assert await ended == -signal.SIGKILL
    assert (await asterisk.embedded.status()).pid is None


async def test_two_installations_run_side_by_side(new_asterisk: NewAsterisk) -> None:
    one, other = await new_asterisk(), await new_asterisk()
    for asterisk in (one, other):
        async with SmallApp(asterisk) as app, SmallPhone(asterisk.sip, "1500200") as phone:
            dialling = asyncio.create_task(phone.dial())
            call = await app.next_call()
            await app.command("POST", f"channels/{call['channel']['id']}/answer")
            assert await dialling == 200
    await one.embedded.stop()
    assert (await other.embedded.status()).ready


async def test_another_configuration_replaces_the_running_one(
    new_asterisk: NewAsterisk, asterisk_program: AsteriskProgram
) -> None:
    asterisk = await new_asterisk()
    before = asterisk.embedded.pid()
    changed = _embedded(replace(asterisk.settings, max_calls=7), asterisk_program)
    assert (await changed.status()).same_configuration is False
    assert await changed.start() is False
    assert changed.pid() != before
    assert "KRING_LIMIT=7" in await changed.console("dialplan show globals")
    await changed.stop()


@pytest.mark.parametrize("setting", ["sip_port", "ari_port", "ami_port"])
async def test_a_port_in_use_is_named_with_its_setting(
    setting: str, asterisk_program: AsteriskProgram
) -> None:
    settings = real_asterisk.new_settings()
    with (
        socket.create_server(("127.0.0.1", getattr(settings, setting))),
        pytest.raises(PortTaken, match=f"KRING_{setting.upper()}"),
    ):
        await _embedded(settings, asterisk_program).start()


async def test_a_process_that_is_not_ours_is_never_stopped(asterisk_program: AsteriskProgram) -> None:
    settings = real_asterisk.new_settings()
    embedded = _embedded(settings, asterisk_program)
    embedded.prepare()
    stranger = await asyncio.create_subprocess_exec("sleep", "30")
    (settings.folder / "run" / "asterisk.pid").write_text(f"{stranger.pid}\n")
    await embedded.stop()
    assert stranger.returncode is None
    stranger.kill()
    await stranger.wait()


async def test_a_graceful_stop_lets_the_call_finish(new_asterisk: NewAsterisk) -> None:
    asterisk = await new_asterisk()
    async with SmallPhone(asterisk.sip, "1500200") as phone:
        assert await phone.dial() == 200
        stopping = asyncio.create_task(asterisk.embedded.stop(graceful=20))
        await asyncio.sleep(0.5)
        assert not stopping.done()
    async with asyncio.timeout(20):
        await stopping


async def test_ami_comes_back_after_asterisk_was_started_anew(new_asterisk: NewAsterisk) -> None:
    asterisk = await new_asterisk()
    manager = Ami(asterisk.settings, deadline=2.0)
    assert (await manager.status()).calls == 0
    await asterisk.embedded.stop()
    with pytest.raises(AmiUnavailable):
        await manager.status()
    await asterisk.embedded.start()
    assert (await manager.status()).calls == 0
    await manager.close()


async def test_ami_that_never_answers_is_given_up_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = replace(real_asterisk.new_settings(), ami_port=silent.getsockname()[1])
        manager = Ami(settings, deadline=0.3)
        async with asyncio.timeout(20):
            with pytest.raises(AmiUnavailable, match="within"):
                await manager.status()
            await manager.close()
