"""The embedded Asterisk: rendered, started, watched, adopted, stopped.

It runs in a session of its own and survives the death of the process that started it, so that the
calls inside survive too; the next process finds and adopts it.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from asterisk_conf import ari_probe, ports, render
from asterisk_conf.ami import Ami, AmiUnavailable
from asterisk_conf.program import AsteriskProgram
from asterisk_conf.settings import AsteriskSettings

_READY_SECONDS = 30.0
_POLL_SECONDS = 0.05
_TERM_SECONDS = 5.0
_CONSOLE_SECONDS = 10.0


class AsteriskFailed(Exception):
    """Asterisk did not start, or does not do as it is told; the text says what it logged."""


@dataclass(frozen=True, slots=True)
class AsteriskStatus:
    """What is known about the embedded Asterisk."""

    pid: int | None  # None: it does not run
    ready: bool  # ARI answers
    same_configuration: bool  # it runs with what the settings would render now
    calls: int | None  # None: not known


class EmbeddedAsterisk:
    """One Asterisk in `settings.folder`."""

    def __init__(
        self, settings: AsteriskSettings, program: AsteriskProgram, progress: Callable[[str], None] = print
    ) -> None:
        self.settings = settings
        self.program = program
        self._progress = progress
        self._files = render.render(settings, program.modules)
        self._etc = settings.folder / "etc"
        self._run = settings.folder / "run"
        self._log = settings.folder / "log"
        self._child: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Make the run folder and write the configuration.

        Raises ports.PortTaken when a port is in use and no Asterisk of ours uses it.
        """
        if self.pid() is None:
            ports.check_free(self.settings)
        self.settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.settings.folder.chmod(0o700)
        for part in ("etc", "lib", "log", "log/cel-custom", "run", "spool", "spool/recording", "sounds"):
            (self.settings.folder / part).mkdir(mode=0o700, exist_ok=True)
        for part in ("documentation", "rest-api"):
            self._link(self.settings.folder / part, self.program.data / part)
        render.write(self._files, self._etc)

    async def start(self) -> bool:
        """Start Asterisk, or adopt the one that already runs; return True when it was adopted.

        One that runs with another configuration is stopped first. Raises AsteriskFailed,
        ports.PortTaken.
        """
        if self.pid() is not None:
            if self._same_configuration() and await ari_probe.answers(self.settings):
                self._progress(f"adopting the Asterisk that already runs (pid {self.pid()})")
                await self._show_new_certificate()
                return True
            self._progress("an Asterisk with another configuration runs; stopping it first …")
            await self.stop()
        await ports.until_free(self.settings)
        self.prepare()
        self._spawn()
        await self._until_ready()
        (self._run / "fingerprint").write_text(render.fingerprint(self._files), "utf-8")
        return False

    async def wait(self) -> int | None:
        """Return when Asterisk has ended: its exit status, None where it was adopted."""
        pid = self.pid()
        if pid is not None:
            await _pid_gone(pid)
        return self._reap()

    async def stop(self, graceful: float = 0.0) -> None:
        """Stop Asterisk: let calls finish for `graceful` seconds, then hang up what is left.

        Only the process that this folder's pid file and command line name is ever signalled.
        """
        pid = self.pid()
        if pid is None:
            return
        if graceful > 0:
            await self.console("core stop gracefully")
            if await self._ended(pid, graceful):
                return
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.pid() == pid:
                os.kill(pid, number)
            if await self._ended(pid, _TERM_SECONDS):
                return
        raise AsteriskFailed(
            f"Asterisk (pid {pid}) does not end, not even by SIGKILL; look at its state: ps {pid}"
        )

    async def status(self) -> AsteriskStatus:
        """Return whether it runs, answers, and how many calls are inside."""
        pid = self.pid()
        if pid is None:
            return AsteriskStatus(None, ready=False, same_configuration=False, calls=None)
        ready = await ari_probe.answers(self.settings)
        calls = None
        with contextlib.suppress(AmiUnavailable):
            async with self._ami() as manager:
                calls = (await manager.status()).calls
        return AsteriskStatus(pid, ready, self._same_configuration(), calls)

    async def reload(self) -> None:
        """Write the configuration anew and let the running Asterisk read it; calls go on.

        Ports and addresses need a restart. Raises AsteriskFailed when it does not run, AmiUnavailable.
        """
        if self.pid() is None:
            raise AsteriskFailed("Asterisk does not run; start it with: kring asterisk start")
        render.write(self._files, self._etc)
        async with self._ami() as manager:
            await manager.reload()
        (self._run / "fingerprint").write_text(render.fingerprint(self._files), "utf-8")

    async def console(self, command: str) -> str:
        """Give a command to the running Asterisk through its control socket; return what it prints."""
        process = await asyncio.create_subprocess_exec(
            *self._words("-r", "-x", command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._environment(),
        )
        try:
            async with asyncio.timeout(_CONSOLE_SECONDS):
                printed, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            return ""
        return printed.decode(errors="replace")

    def pid(self) -> int | None:
        """Return the process id of this folder's Asterisk, None when it does not run."""
        if self._child is not None and self._child.poll() is None:
            return self._child.pid
        try:
            pid = int((self._run / "asterisk.pid").read_text().strip())
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        # A pid is given again to other programs: the command line must name our configuration.
        return pid if str(self._etc / "asterisk.conf").encode() in words else None

    def problems(self) -> list[str]:
        """Return the warnings and errors that Asterisk logged since it was started."""
        log = self._log / "messages"
        lines = log.read_text("utf-8", errors="replace").splitlines() if log.exists() else []
        return [line for line in lines if "] WARNING[" in line or "] ERROR[" in line]

    @contextlib.asynccontextmanager
    async def _ami(self) -> AsyncIterator[Ami]:
        manager = Ami(self.settings)
        try:
            yield manager
        finally:
            await manager.close()

    def _spawn(self) -> None:
        for stale in (self._run / "asterisk.pid", self._run / "asterisk.ctl", self._run / "fingerprint"):
            stale.unlink(missing_ok=True)
        messages = self._log / "messages"
        if messages.exists():
            messages.replace(self._log / "messages.before")
        with (self._log / "console").open("wb") as console:
            self._child = subprocess.Popen(
                self._words("-f"),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                env=self._environment(),
                cwd=self.settings.folder,
                start_new_session=True,
            )

    async def _show_new_certificate(self) -> None:
        """Let an Asterisk that runs longer than its certificate take the new one; calls go on."""
        wss = self.settings.wss
        started = (self._run / "asterisk.pid").stat().st_mtime
        if wss is not None and wss.certificate.stat().st_mtime > started:
            await self.console("module reload http")

    async def _until_ready(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            if self._child is not None and self._child.poll() is not None:
                raise AsteriskFailed(
                    f"Asterisk ended with {self._child.returncode} at start: {self._last_words()}"
                )
            if await ari_probe.answers(self.settings):
                await self.console("core waitfullybooted")
                return
            await asyncio.sleep(_POLL_SECONDS)
        await self.stop()
        raise AsteriskFailed(f"Asterisk was not ready after {_READY_SECONDS:.0f} s: {self._last_words()}")

    async def _ended(self, pid: int, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await _pid_gone(pid)
        except TimeoutError:
            return False
        self._reap()
        return True

    def _reap(self) -> int | None:
        if self._child is None:
            return None
        status = self._child.wait()
        self._child = None
        return status

    def _same_configuration(self) -> bool:
        try:
            return (self._run / "fingerprint").read_text("utf-8") == render.fingerprint(self._files)
        except OSError:
            return False

    def _last_words(self) -> str:
        lines = [*self.problems(), *(self._log / "console").read_text("utf-8", errors="replace").splitlines()]
        return " | ".join(line.strip() for line in lines[-5:] if line.strip()) or "it logged nothing"

    def _words(self, *options: str) -> Sequence[str]:
        return (*self.program.argv, "-C", str(self._etc / "asterisk.conf"), *options)

    def _environment(self) -> dict[str, str]:
        # Channel variables can read Asterisk's environment: nothing of ours is in it.
        return {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(self.settings.folder), **self.program.env}

    @staticmethod
    def _link(link: Path, target: Path) -> None:
        if link.is_symlink() and link.readlink() == target:
            return
        link.unlink(missing_ok=True)
        link.symlink_to(target)


async def _pid_gone(pid: int) -> None:
    """Return when the process has ended, whoever its parent is."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    loop.add_reader(handle, gone.set)
    try:
        await gone.wait()
    finally:
        loop.remove_reader(handle)
        with contextlib.suppress(OSError):
            os.close(handle)
