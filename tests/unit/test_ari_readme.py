"""The README's example is run as it stands."""

import asyncio
import re
from pathlib import Path
from typing import Any

import ari
from ari import events
from ari.fake import FakeAsterisk

README = Path(ari.__file__).parent / "README.md"


async def test_the_ten_line_ivr_works() -> None:
    example = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)[0]
    definition, _, start = example.partition("\n\nasyncio.run(")
    assert start.startswith("main(")
    body = [line for line in definition.splitlines()[1:] if line.strip()]
    assert len(body) <= 12, "no longer a ten-line IVR"
    names: dict[str, Any] = {"ari": ari, "events": events}
    exec(definition, names)  # noqa: S102  # the repository's own README
    async with FakeAsterisk() as fake:
        ivr = asyncio.create_task(names["main"](fake.url, fake.username, fake.password))
        while "hello" not in fake.world.applications:  # the fake has no event for it
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        phone = fake.call("hello")
        await _hears(phone, "sound:demo-congrats")
        assert phone.answered
        phone.press("2")
        await _hears(phone, "sound:digits/2")
        phone.listen()
        phone.press("7")
        await _hears(phone, "sound:invalid")
        assert phone.heard == ["sound:demo-congrats", "sound:digits/2", "sound:invalid"]
        ivr.cancel()


async def _hears(phone: Any, sound: str) -> None:
    async with asyncio.timeout(15):
        while phone.hears != sound:  # what is waited for has no event of its own
            await asyncio.sleep(0.005)
