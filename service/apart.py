"""Work in a process of its own, so that calls in the service's go on. It ends with who waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import sys

from service.settings import CHECKOUT

_QUIET = asyncio.subprocess.DEVNULL


async def run_apart(
    module: str, *words: str, given: bytes = b"", within: float, silent: bool = False
) -> tuple[int, bytes]:
    """Run `python -m MODULE WORDS…`; return its exit code and what it wrote to its standard output.

    `given`: its standard input; `within`: seconds; `silent`: what it says on standard error is dropped, for
    what may quote what it works on. Raises OSError: it cannot be started; TimeoutError: it was ended.
    """
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *words,
        stdin=pipe, stdout=pipe, stderr=_QUIET if silent else None, cwd=CHECKOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(within):
            told, _ = await process.communicate(given)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return process.returncode or 0, told
