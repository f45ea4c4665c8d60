"""An installation with the made-up agents and their sign-ins, for the pages as people use them."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Browser

from service.first_sign_in import FILE
from service.settings import CHECKOUT
from storage.synthetic import synthetic_taxpayers
from tests.browser.agent_page import AgentPage
from tests.sip.caller import Caller
from tests.sip.installation import Installation

TONE = 700.0  # Hz, of the caller
SYNTHETIC = next(one for one in synthetic_taxpayers() if one.taxpayer.resident_person)
PERSON = SYNTHETIC.taxpayer


class Product(Installation):
    """An installation with the made-up agents and their sign-ins."""

    passwords: dict[str, str]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.settings.web_port}"

    def with_agents(self) -> None:
        """Put the example tables in force and make the made-up people, with the first administrator."""
        examples = Path(CHECKOUT) / "acd" / "examples"
        self.staff({path.stem: path.read_text("utf-8") for path in examples.glob("*.csv")}, "1001")
        self.passwords = dict(re.findall(r"^(\w+) +(\w{4}(?:-\w{4})+) ", self.kring("staff", "demo"), re.M))
        name, password = (self.settings.secrets_folder / FILE).read_text("utf-8").split()
        self.passwords[name] = password

    async def signs_in(self, browser: Browser, user_name: str) -> AgentPage:
        """Open the agent's page in a browser of its own."""
        return await AgentPage.signs_in(browser, self.address, user_name, self.passwords[user_name])


async def asks_for_efin(caller: Caller) -> None:
    """Walk to the room of forgotten EFINs, with an NPWP; then speak."""
    caller.calls().waits(1).presses("1").hears("npwp_or_not").presses("1").hears("npwp_enter")
    caller.presses(f"{PERSON.npwp}#").hears("npwp_read_back").hears_digits(PERSON.npwp[-4:])
    caller.hears("npwp_confirm").presses("1").hears("npwp_found").presses("1").hears("efin_menu").presses("1")
    await caller
    caller.call.speaks(TONE)
