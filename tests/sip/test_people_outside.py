"""`kring people`: whoever is called answers, refuses or rings in vain, by the end of the number."""

import asyncio
import socket

import click
import pytest

from service.commands.people import Habits, PeopleOutside, _refusal
from service.phone.client import Telephone
from service.phone.sounds import SoundLibrary

pytestmark = [pytest.mark.sip]


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


async def test_who_is_called_does_as_the_end_of_the_number_says(library: SoundLibrary) -> None:
    said: list[str] = []
    people = PeopleOutside(Habits(0.1, 0.3, (), {"86": 486, "80": 180}), library, said.append)
    port = _free_port()
    there = asyncio.create_task(people.live(port, 120))
    async with asyncio.timeout(60):
        while not said:
            await asyncio.sleep(0.05)
        async with Telephone(f"127.0.0.1:{port}", library) as phone:
            answers, refuses = await phone.call("628110000001"), await phone.call("628110000086")
            while answers.ended is None or refuses.ended is None:
                await asyncio.sleep(0.05)
    there.cancel()
    await asyncio.gather(there, return_exceptions=True)
    assert (answers.answered_at is not None, answers.ended.status) == (True, 200)
    assert (refuses.answered_at, refuses.ended.status) == (None, 486)
    assert any("…0001  answers" in line for line in said)
    assert any("…0086  refuses with 486" in line for line in said)
    assert "62811" not in "".join(said), "a number is shown by its end only"


def test_how_a_number_is_refused_must_be_readable() -> None:
    assert (_refusal("7=486"), _refusal("001=180")) == (("7", 486), ("001", 180))
    for text in ("7", "=486", "7=200", "x=486"):
        with pytest.raises(click.ClickException, match="--refuse"):
            _refusal(text)
