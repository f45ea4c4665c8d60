"""The service as a process of its own, alone or under the keeper."""

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from asterisk_conf.ami import Ami, AmiRefused, AmiUnavailable
from desk.script_book import load_scripts
from desk.tables import BadTable
from service import wiring
from service.banner import banner
from service.home import Home
from service.keeper import Keeper, Notify
from service.logs import capture_twisted_logs, configure_logs
from service.metrics import Metrics
from service.runtime import Runtime
from service.set_up import Prepared, Say
from service.tree import ServiceTree, StartFailed
from storage.synthetic import examples, synthetic_taxpayers
from web.operations import Line
from web.texts import Texts, TextsProblem


def serve(prepared: Prepared, begun: float, ready: Notify, first: bool) -> int:
    """Run the service until it is stopped; return the exit code.

    `begun`: when the command was given (monotonic seconds), for the banner of the `first` start.
    """
    settings = prepared.settings
    home = Home(settings)
    try:
        home.hold()
    except StartFailed as error:
        sys.stderr.write(f"\n{error}\n\n")
        return 1
    stop_logs = configure_logs(settings.log_level, settings.log_format, settings.log_folder)
    capture_twisted_logs()

    built: list[wiring.Service] = []

    async def build(runtime: Runtime) -> ServiceTree:
        service = await wiring.build(prepared, Metrics(), runtime.fatal)
        runtime.drain = service.drain
        built.append(service)
        return service.tree

    def started() -> None:
        ready()
        if first:
            sys.stdout.write(_banner(prepared, time.monotonic() - begun, built[0].line()))
            sys.stdout.flush()

    try:
        return Runtime(build, started).run()
    finally:
        stop_logs()
        home.release()


def _banner(prepared: Prepared, seconds: float, line: Line) -> str:
    version = prepared.program.version.split("+")[0] if prepared.program is not None else "(external)"
    return banner(prepared.settings, version, seconds, examples(synthetic_taxpayers()), line)


def keep(prepared: Prepared, begun: float, say: Say) -> int:
    """Run the service and start it again whenever it dies; return the exit code."""
    if threading.active_count() > 1:  # a fork would copy what they hold, but not them
        names = ", ".join(thread.name for thread in threading.enumerate()[1:])
        raise RuntimeError(f"threads run before the fork: {names}")
    _read_ahead()
    life = Keeper(
        serve=lambda ready, first: serve(prepared, begun, ready, first),
        hold=partial(_hold, prepared, say),
        say=say,
    )
    return life.run()


def _read_ahead() -> None:
    """Read before the first fork what every service reads: callers wait while the next one starts."""
    with suppress(BadTable, TextsProblem):  # the service tells what is wrong
        load_scripts()
        Texts.load()


def _hold(prepared: Prepared, say: Callable[[str], None]) -> None:
    """Move the callers of the dead service into the dialplan's hold."""

    async def move() -> int:
        ami = Ami(prepared.asterisk)
        try:
            return await ami.redirect_orphans()
        finally:
            await ami.close()

    try:
        say(f"{asyncio.run(move())} callers are on hold until the service is back")
    except (AmiUnavailable, AmiRefused) as error:
        say(f"callers could not be put on hold: {error}")
