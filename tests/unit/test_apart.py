"""Processes beside the service: what they are told and tell, and that none is left."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from service.apart import end_apart, run_apart, start_apart, without_secrets

_PLAIN = {"PATH": os.environ["PATH"]}


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which modules of the test's folder are found."""
    (tmp_path / "kring_echo.py").write_text(
        "import os, sys\n"
        "print(sys.argv[1:], os.environ.get('OPENBLAS_NUM_THREADS'), sys.stdin.read())\n"
        "sys.exit(int(sys.argv[1]))\n"
    )
    (tmp_path / "kring_sleep.py").write_text(
        "import os, pathlib, sys, time\n"
        "pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))\n"
        "time.sleep(600)\n"
    )
    return {**_PLAIN, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}


def _told(path: Path) -> str:
    return path.read_text() if path.exists() else ""


async def _pid(path: Path) -> int:
    async with asyncio.timeout(60):
        while not (told := _told(path)):
            await asyncio.sleep(0.05)
    return int(told)


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_a_process_is_told_and_tells(environ: dict[str, str]) -> None:
    code, said = await run_apart("kring_echo", "3", "two", given=b"given", within=60, environ=environ)
    assert (code, said) == (3, b"['3', 'two'] 1 given\n")


async def test_what_takes_too_long_is_ended(environ: dict[str, str], tmp_path: Path) -> None:
    told = tmp_path / "pid"
    running = asyncio.create_task(run_apart("kring_sleep", str(told), within=600, environ=environ))
    pid = await _pid(told)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert _is_gone(pid)
    with pytest.raises(TimeoutError):
        await run_apart("kring_sleep", str(tmp_path / "other"), within=0.01, environ=environ)


async def test_a_longer_talk_is_ended_with_its_input_or_made_to(
    environ: dict[str, str], tmp_path: Path
) -> None:
    echo = await start_apart("kring_echo", "0", environ=environ)
    await end_apart(echo, 60)
    assert echo.returncode == 0
    deaf = await start_apart("kring_sleep", str(tmp_path / "pid"), environ=environ)
    pid = await _pid(tmp_path / "pid")
    await end_apart(deaf, 0.05)
    assert _is_gone(pid)


def test_settings_stay_with_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KRING_DATABASE", "postgresql://kring:secret@db/kring")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    kept = without_secrets()
    assert kept["PATH"] == os.environ["PATH"]
    assert not [name for name in kept if name.startswith(("KRING_", "AWS_"))]
