"""Work in processes of their own, so that calls in the service's go on. They end with who waits for them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping

from service.settings import CHECKOUT

ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
"""Part of an environment: a pool of threads for each core would only take time and memory from calls."""
_SECRETS = ("AWS_", "KRING_")  # how names begin of what only the service itself should read


async def run_apart(
    module: str,
    *words: str,
    given: bytes = b"",
    within: float,
    silent: bool = False,
    environ: Mapping[str, str] | None = None,
) -> tuple[int, bytes]:
    """Run `python -m MODULE WORDS…`; return its exit code and what it wrote to its standard output.

    `given`: its standard input; `within`: seconds; `silent`: what it says on standard error is dropped, for
    what may quote what it works on; `environ`: instead of the service's own. Raises OSError: it cannot be
    started; TimeoutError: it was ended.
    """
    process = await start_apart(module, *words, silent=silent, environ=environ)
    try:
        async with asyncio.timeout(within):
            told, _ = await process.communicate(given)
    finally:
        await _ended(process)
    return process.returncode or 0, told


async def start_apart(
    module: str, *words: str, silent: bool = False, environ: Mapping[str, str] | None = None
) -> Process:
    """Start `python -m MODULE WORDS…` for a longer talk over its standard input and output.

    Who starts it ends it by `end_apart`; it must end by itself when its input does. Raises OSError.
    """
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *words,
        stdin=PIPE, stdout=PIPE, stderr=DEVNULL if silent else None, cwd=CHECKOUT,
        env={**(os.environ if environ is None else environ), **ONE_THREAD},
        start_new_session=True,  # Ctrl-C at a terminal is for the service, which ends this in order
    )  # fmt: skip


async def end_apart(process: Process, within: float) -> None:
    """Let a process end that was started for a longer talk; after so many seconds make it."""
    if process.stdin is not None:
        process.stdin.close()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            await process.wait()
    await _ended(process)


def without_secrets() -> Mapping[str, str]:
    """Return the service's environment without its settings, for what is told everything by its input."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_SECRETS)}


async def _ended(process: Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
