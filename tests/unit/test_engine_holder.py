"""A dialer that was killed does not keep the next one waiting; one that may live does."""

import os
import subprocess
import sys

from service.engine_holder import free_role, has_ended, holder_name


class Roles:
    def __init__(self, holder: str | None) -> None:
        self.held_by = holder

    async def holder(self, role: str) -> str | None:
        assert role == "dialer"
        return self.held_by

    async def give_up(self, role: str, holder: str) -> None:
        assert (role, holder) == ("dialer", self.held_by)
        self.held_by = None


def of_process(number: int) -> str:
    machine, _, noise = holder_name().split("-")
    return f"{machine}-{number}-{noise}"


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


async def test_the_role_of_a_process_that_is_gone_is_free_at_once() -> None:
    roles = Roles(of_process(ended_process()))
    await free_role(roles, "dialer")
    assert roles.held_by is None


async def test_whoever_may_live_keeps_it() -> None:
    gone = ended_process()
    elsewhere = f"{'0' * 12}-{gone}-abc"
    for holder in (holder_name(), of_process(os.getppid()), elsewhere, f"{gone}-abc", "", None):
        roles = Roles(holder)
        await free_role(roles, "dialer")
        assert roles.held_by == holder


def test_names_differ_and_this_process_lives() -> None:
    assert len({holder_name() for _ in range(50)}) == 50
    assert not has_ended(holder_name())
