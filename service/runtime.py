"""The running process: event loop, reactor, signals, start and stop."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import structlog
import uvloop

from service.keeper import DO_NOT_RESTART
from service.tree import StartFailed

if TYPE_CHECKING:
    from service.tree import ServiceTree

log = structlog.get_logger("kring.runtime")


class Runtime:
    """Runs one service tree from start to stop on asyncio under Twisted's reactor.

    `build` makes the tree (it may raise StartFailed), `started` is called when every part is up, and
    `drain` is awaited before the parts are stopped. A second signal ends the draining.
    """

    def __init__(
        self,
        build: "Callable[[Runtime], Awaitable[ServiceTree]]",
        started: Callable[[], None],
    ) -> None:
        self._build = build
        self._started = started
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()
        self._code = 0
        self.drain: Callable[[], Awaitable[None]] | None = None

    def run(self) -> int:
        """Run until a signal or a fatal error; return the exit code."""
        loop = uvloop.new_event_loop()
        asyncio.set_event_loop(loop)
        reactor = _install_reactor(loop)
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._signalled)
        reactor.callWhenRunning(lambda: loop.create_task(self._live(reactor), name="runtime"))
        reactor.run(installSignalHandlers=False)
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        return self._code

    def stop(self, why: str, code: int = 0) -> None:
        """Stop the service."""
        if not self._stop.is_set():
            log.info("stopping", why=why)
            self._code = code
            self._stop.set()

    def fatal(self, why: str) -> None:
        """Stop the service for good: another start would meet the same."""
        log.error("cannot go on", why=why)
        self.stop(why, DO_NOT_RESTART)

    def _signalled(self) -> None:
        if self._stop.is_set():
            self._hurry.set()
        self.stop("signal")

    async def _live(self, reactor: Any) -> None:
        try:
            await self._serve()
        except StartFailed as error:
            sys.stderr.write(f"\n{error}\n\n")
            self._code = 1  # after a crash the keeper goes on trying: a port or a database comes back
        except Exception:
            log.exception("the service failed")
            self._code = 1
        finally:
            reactor.stop()

    async def _serve(self) -> None:
        tree = await self._build(self)
        starting = asyncio.ensure_future(tree.begin())
        stopping = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():  # stopped while starting: the tree stops what it had started
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            return
        try:
            await starting
        except BaseException:
            stopping.cancel()
            raise
        self._started()
        await stopping
        await self._drain()
        await tree.end()

    async def _drain(self) -> None:
        if self.drain is None:
            return
        draining = asyncio.ensure_future(self.drain())
        hurry = asyncio.ensure_future(self._hurry.wait())
        await asyncio.wait({draining, hurry}, return_when=asyncio.FIRST_COMPLETED)
        draining.cancel()
        hurry.cancel()
        await asyncio.gather(draining, hurry, return_exceptions=True)


def _install_reactor(loop: asyncio.AbstractEventLoop) -> Any:
    from twisted.internet import asyncioreactor

    asyncioreactor.install(loop)  # type: ignore[no-untyped-call]  # before the reactor is imported
    from twisted.internet import reactor

    return reactor
