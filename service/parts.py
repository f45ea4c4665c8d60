"""The parts of the service tree that hold the connections and machines: Asterisk, ARI, storage, web."""

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import structlog
import uvicorn
from fastapi import FastAPI
from twisted.application.internet import backoffPolicy

import ari
from asterisk_conf.embedded import AsteriskFailed, EmbeddedAsterisk
from asterisk_conf.ports import PortTaken
from service.tree import Part, StartFailed, end_task
from storage.call_log import DurableCallLog
from storage.database import Database

log = structlog.get_logger("kring.parts")

ARI_READY_WITHIN = 20.0  # seconds after Asterisk is up
WEBSOCKET_MESSAGE = 65_536  # bytes; a longer message closes its WebSocket
STEADY_AFTER = 60.0  # seconds after which a restarted Asterisk counts as healthy again

Fatal = Callable[[str], None]


class AsteriskPart(Part):
    """The embedded Asterisk as a monitored child: started or adopted, and started again if it ends."""

    name = "asterisk"

    def __init__(self, asterisk: EmbeddedAsterisk, restarted: Callable[[str], None]) -> None:
        self._asterisk = asterisk
        self._restarted = restarted
        self._watch: asyncio.Task[None] | None = None
        self._up = False
        self.adopted = False

    async def begin(self) -> None:
        """Start or adopt it. Raises StartFailed."""
        try:
            self.adopted = await self._asterisk.start()
        except (AsteriskFailed, PortTaken) as error:
            raise StartFailed(str(error)) from error
        self._up = True
        self._watch = asyncio.create_task(self._keep(), name="asterisk-watch")

    async def end(self) -> None:
        """Stop it; calls that are still inside are hung up."""
        await end_task(self._watch)
        self._up = False
        await self._asterisk.stop()

    def trouble(self) -> str | None:
        """Return that it does not run, if so."""
        return None if self._up else "Asterisk does not run; it is being started again"

    async def _keep(self) -> None:
        delays, failures = backoffPolicy(initialDelay=0.1, maxDelay=15.0), 0
        while True:
            since = time.monotonic()
            status = await self._asterisk.wait()
            self._up = False
            failures = 0 if time.monotonic() - since > STEADY_AFTER else failures + 1
            log.error("Asterisk ended by itself; starting it again", status=status, failures=failures)
            await asyncio.sleep(delays(failures))
            self._restarted(self.name)
            try:
                await self._asterisk.start()
                self._up = True
            except (AsteriskFailed, PortTaken):
                log.exception("Asterisk did not start")


class AriPart(Part):
    """The connection to ARI. It reconnects by itself; readiness follows it."""

    name = "ari"

    def __init__(
        self, client: ari.Client, restarted: Callable[[str], None], fatal: Fatal, wait: bool
    ) -> None:
        """`wait`: whether the start waits for the connection (it must come: Asterisk is ours)."""
        self.client = client
        self._restarted = restarted
        self._fatal = fatal
        self._wait = wait
        self._run: asyncio.Task[None] | None = None
        client.on_state(self._changed)

    async def begin(self) -> None:
        """Connect and reconcile. Raises StartFailed."""
        self._run = asyncio.create_task(self._keep(), name="ari")
        if not self._wait:
            return
        ready = asyncio.create_task(self.client.ready())
        await asyncio.wait({self._run, ready}, timeout=ARI_READY_WITHIN, return_when="FIRST_COMPLETED")
        await end_task(ready)
        if self.client.state is not ari.State.READY:
            raise StartFailed(
                "ari: no connection to Asterisk's REST interface; look at `kring asterisk status`"
            )

    async def end(self) -> None:
        """Disconnect; calls go on in Asterisk."""
        await self.client.close()
        await end_task(self._run)

    def trouble(self) -> str | None:
        """Return that calls cannot be controlled, if so."""
        if self.client.state is ari.State.READY:
            return None
        return f"ARI is {self.client.state}: calls cannot be controlled"

    async def _keep(self) -> None:
        try:
            await self.client.run()
        except ari.Replaced:
            self._fatal("another process took over the calls; this one ends")
        except ari.Unauthorized:
            self._fatal("Asterisk refuses ari_password; restart Asterisk: kring asterisk stop, then start")

    def _changed(self, state: ari.State) -> None:
        if state is ari.State.CONNECTING:
            self._restarted(self.name)


class StoragePart(Part):
    """The database and the writer of the call record."""

    name = "storage"

    def __init__(self, database: Database, call_log: DurableCallLog) -> None:
        self._database = database
        self._call_log = call_log

    async def end(self) -> None:
        """Write what is queued, then close."""
        await self._call_log.close()
        await asyncio.get_running_loop().run_in_executor(None, self._database.close)

    def trouble(self) -> str | None:
        """Return why rows cannot be written, if so."""
        return self._call_log.trouble


class _QuietServer(uvicorn.Server):
    """Uvicorn without its own signal handlers: the runtime has them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens for the web pages. Raises StartFailed when the port is taken."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise StartFailed(
            f"web_port = {port}: {host}:{port} cannot be used ({error.strerror}); stop what listens there "
            f"(ss -ltnp 'sport = :{port}') or set KRING_WEB_PORT to a free port"
        ) from error
    listener.listen(128)  # from here on a browser waits instead of being refused
    return listener


class WebPart(Part):
    """The web pages on the same event loop."""

    name = "web"

    def __init__(
        self,
        app: FastAPI,
        listener: socket.socket,
        tls: tuple[Path, Path] | None = None,
        filling: Iterable[None] = (),
    ) -> None:
        """`tls`: certificate and key; None: plain HTTP. Raises StartFailed when they cannot be used.

        `filling` adds to the application, a little at each step.
        """
        self._app = app
        self._filling = filling
        self._listener = listener
        certificate, key = tls or (None, None)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=2,
            ssl_certfile=certificate,
            ssl_keyfile=key,
            ws="websockets-sansio",
            ws_max_size=WEBSOCKET_MESSAGE,
            ws_per_message_deflate=False,
            server_header=False,
        )
        try:
            config.load()
        except (ssl.SSLError, OSError) as error:
            raise StartFailed(
                f"web_certificate = {certificate}, web_key = {key}: cannot be used ({error}); put a PEM "
                "certificate and its key in place, or unset both"
            ) from error
        self._server = _QuietServer(config)
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Serve, once all is added; calls are served between the steps of that."""
        for _ in self._filling:
            await asyncio.sleep(0)
        self._task = asyncio.create_task(self._server.serve(sockets=[self._listener]), name="web")

    async def end(self) -> None:
        """Finish what is being answered, then close."""
        self._server.should_exit = True
        self._app.state.close()  # a feed has no end of its own
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
