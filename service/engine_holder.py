"""Who holds the dialer's role: a process of this machine, which others can tell to be gone."""

import hashlib
import os
import secrets
from pathlib import Path
from typing import Protocol

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NUMBERS = Path("/proc/self/ns/pid")  # processes of another container have numbers of their own


class Roles(Protocol):
    """Who holds which role. Every method raises dialer.attempts.AttemptsUnavailable."""

    async def holder(self, role: str) -> str | None:
        """Return who took a role last; None: nobody."""
        ...

    async def give_up(self, role: str, holder: str) -> None:
        """Let another have it at once."""
        ...


async def free_role(roles: Roles, role: str) -> None:
    """Free a role whose holder is gone for certain. Raises dialer.attempts.AttemptsUnavailable."""
    holder = await roles.holder(role)
    if holder is not None and has_ended(holder):
        await roles.give_up(role, holder)


def holder_name() -> str:
    """Return a name for this process, never used before: machine, process number, noise."""
    return f"{_machine()}-{os.getpid()}-{secrets.token_hex(6)}"


def has_ended(holder: str) -> bool:
    """Return whether the process of this name is gone for certain.

    A role need not wait for the end of its lease then: a killed service dials on as soon as it is back, and
    people who answered meanwhile are not taken for abandoned. False for processes of other machines.
    """
    machine, _, rest = holder.partition("-")
    number = rest.partition("-")[0]
    if machine != _machine() or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _machine() -> str:
    try:
        text = _BOOT.read_text("ascii") + str(_NUMBERS.readlink())
    except OSError:
        text = secrets.token_hex(16)  # nobody can tell: whoever asks waits for the lease
    return hashlib.sha256(text.encode()).hexdigest()[:12]
