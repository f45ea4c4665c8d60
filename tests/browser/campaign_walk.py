"""Every state of lists and campaigns, and of an agent's outbound work, once, in the real product.

A manager loads a list, a supervisor approves it, a campaign runs, an agent sees its contact, dials and talks.
At each state `seen` is called with its name, as in `tests.browser.agent_walk`.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.browser.agent_page import WITHIN, AgentPage
from tests.browser.agent_walk import MILLISECONDS, SCREEN, Seen
from tests.browser.product import Product
from tests.sip.ahead import Ahead
from tests.sip.people import ANSWERS, People

PERSON = "6281100008001"
OTHERS = tuple(f"6281100008{n:03}" for n in range(2, 11))
DOES = {PERSON: ANSWERS}
NPWP = "0012345674123000"  # made up, with a right check digit
TONE = 700.0  # Hz, of the person who is called
AGENT = "agen1005"  # works for outbound only
TITLE = "Belum lapor SPT Tahunan 2025"


class OutboundProduct(Product, Ahead):
    """An installation on a working morning, whose calls to people go to a far end of the test."""


def sheet() -> bytes:
    """Return a list as a directorate sends it: most rows are right, some are not."""
    people = [
        f"31710102029000{n:02};Contoh Wajib Pajak {n};+{number};WIB" for n, number in enumerate(OTHERS, 1)
    ]
    rows = [
        f"{NPWP};Contoh Sejahtera;+{PERSON};WIB",
        *people,
        "3.17101E+15;Contoh Rusak;081100009001;WIB",
        f"{NPWP};Contoh Ganda;081100009002;WIB",
        "3171010202900091;Contoh Tanpa Nomor;;WIB",
    ]
    return "\r\n".join(["NPWP;Nama Wajib Pajak;No HP;Zona", *rows, ""]).encode("cp1252")


class CampaignWalk:
    """One walk through a fresh installation."""

    def __init__(self, product: OutboundProduct, browser: Browser, people: People, seen: Seen) -> None:
        self.product, self.browser, self.people, self.seen = product, browser, people, seen

    async def whole(self, folder: Path) -> None:
        """Walk all of it; `folder` takes the manager's file."""
        manager, chief = await self._enters("manajer", "/daftar"), await self._enters("supervisor", "/daftar")
        await self.seen("lists-empty", manager)
        of_list = await self.loads(manager, folder)
        await self.approves(chief, of_list)
        campaign = await self.defines(manager)
        await self.starts(chief, campaign)
        await self.asks_why(manager, campaign)
        await self.watches(manager, campaign)
        await self.stops(chief, manager)
        for page in (manager, chief):
            await page.context.close()

    async def loads(self, page: Page, folder: Path) -> str:
        """From the file to the report of its rows; return the list's address."""
        file = folder / "daftar.csv"
        file.write_bytes(sheet())
        await page.goto(f"{self.product.address}/daftar/baru")
        await self.seen("list-new", page)
        await page.set_input_files("#field-file", file)
        await page.fill("#upload-source", "direktorat-bulanan")
        await page.click("[data-upload-send]")
        await expect(page.locator("#load")).to_be_visible()
        await page.fill("#field-title", TITLE)
        words = {"unit": "Kanwil Contoh", "order_number": "ND-7/2026", "legal_basis": "SE contoh"}
        for name, value in words.items():
            await page.fill(f"#field-{name}", value)
        today = self.product.now().date()
        await page.fill("#field-cut_off", str(today))
        await page.fill("#field-expires_on", str(today + timedelta(days=7)))
        await self.seen("list-columns", page)
        await page.click("#load button.button-primary")
        await page.wait_for_url(re.compile(r"/daftar/[0-9a-f]{32}$"))
        await expect(page.get_by_text("Menunggu persetujuan")).to_be_visible()
        await self.seen("list-report", page)
        address = page.url
        await page.goto(f"{address}/ditolak")
        await self.seen("list-refused", page)
        return address

    async def approves(self, page: Page, of_list: str) -> None:
        """A second person looks at the report and approves."""
        await page.goto(of_list)
        await page.click("text=Setujui daftar")
        await page.locator("#confirm button[value=yes]").wait_for()
        await self.seen("list-approve", page)
        await page.click("#confirm button[value=yes]")
        await expect(page.locator(".tag-good", has_text="Disetujui")).to_be_visible()
        await page.goto(f"{self.product.address}/daftar")
        await self.seen("lists", page)

    async def defines(self, page: Page) -> str:
        """A campaign with the list; return its address."""
        await page.goto(f"{self.product.address}/kampanye")
        await self.seen("campaigns-empty", page)
        await page.click("form[action='/kampanye/baru'] button")
        await page.wait_for_url(re.compile(r"/kampanye/baru\?kind=non_filer$"))
        await page.fill("#field-title", TITLE)
        await page.fill("#field-tax_period", "2025")
        await page.select_option("#field-pacing", "preview")
        await self.seen("campaign-form", page)
        await page.fill("#field-window-closes", "07:00")
        await page.click("#definition button.button-primary")
        await expect(page.locator('[data-field="window.closes"] .error')).to_be_visible()
        await self.seen("campaign-form-refused", page)
        await page.fill("#field-window-closes", "16:00")
        await page.click("#definition button.button-primary")
        await page.wait_for_url(re.compile(r"/kampanye/[0-9a-f]{32}$"))
        await page.select_option("#campaign-list", index=0)
        await page.click("form[hx-post$='/lists'] button")
        await expect(page.get_by_text("10 kontak", exact=False).first).to_be_visible()
        await self.seen("campaign", page)
        return page.url

    async def starts(self, page: Page, campaign: str) -> None:
        """The supervisor starts it."""
        await page.goto(campaign)
        await page.click("#move-start")
        await page.click("#confirm button[value=yes]")
        await expect(page.locator(".tag-good", has_text="Berjalan")).to_be_visible()

    async def asks_why(self, page: Page, campaign: str) -> None:
        """What today would be like, and why one taxpayer is called or not."""
        await page.goto(f"{campaign}/uji")
        await page.click("#dry-run button")
        await expect(page.locator("#today-title")).to_be_visible()
        await page.fill("#why-lead", "1")
        await page.click("form[hx-post$='/why'] button")
        await expect(page.locator("#why dl")).to_be_visible()
        await self.seen("dry-run", page)

    async def watches(self, page: Page, campaign: str) -> None:
        """The live page, while an agent sees a contact, dials and talks; then the results."""
        await page.goto(f"{campaign}/langsung")
        await expect(page.locator("[data-live=ringing]")).to_have_text("0")
        await self.seen("live-idle", page)
        agent = await self.product.signs_in(self.browser, AGENT)
        await agent.goes_ready()
        await self.works(agent, page)
        await page.goto(f"{campaign}/hasil")
        await self.seen("results", page)
        await page.goto(campaign)
        await self.seen("campaign-running", page)
        await agent.closes()

    async def works(self, agent: AgentPage, live: Page) -> None:
        """An agent's contact, by keyboard: see, reveal, dial, talk, say what came of it."""
        page = agent.page
        await expect(page.locator("[data-preview]")).to_be_visible()
        await self.seen("outbound-preview", page)
        await agent.presses("Alt+Y")
        await agent.shows("#outbound", "Contoh Sejahtera")
        await agent.presses("Alt+W")
        await expect(page.locator("#skip-dialog")).to_be_visible()
        await self.seen("outbound-skip", page)
        await agent.presses("Escape")
        await agent.presses("Alt+U")
        person = await self.people.called(PERSON, WITHIN)
        await person.until_answered(WITHIN)
        person.speaks(TONE)
        await agent.is_in("talking")
        await agent.hears(TONE)
        await expect(page.locator("#disposition form")).to_be_visible()
        await self.seen("outbound-talking", page)
        await expect(live.locator("[data-live=talking]")).to_have_text("1")
        await self.seen("live", live)
        await agent.presses("Alt+C")
        await agent.presses("5")
        await expect(page.locator("[data-for=callback]")).to_be_visible()
        await self.seen("outbound-callback", page)
        await agent.presses("Alt+C")
        await agent.presses("1")
        await agent.asks("end_call", "Alt+Q")
        await person.until_ended(WITHIN)
        await agent.is_in("wrap_up")
        await self.seen("outbound-wrap-up", page)

    async def stops(self, chief: Page, manager: Page) -> None:
        """What nobody said of a call, and the switch over everything."""
        await chief.goto(f"{self.product.address}/kampanye")
        await chief.click("[data-opens=throw]")
        await chief.fill("#throw-reason", "Gangguan di jaringan operator")
        await self.seen("switch-dialog", chief)
        await chief.click("#throw button.button-danger")
        await expect(chief.locator("#switch [role=alert]")).to_contain_text("Gangguan")
        await self.seen("switch-thrown", chief)
        await manager.goto(f"{self.product.address}/kampanye")
        await expect(manager.locator("#switch [role=alert]")).to_be_visible()

    async def _enters(self, user_name: str, path: str) -> Page:
        """Sign in to a page."""
        context = await self.browser.new_context(**SCREEN)
        page = await context.new_page()
        page.set_default_timeout(MILLISECONDS)
        await page.goto(f"{self.product.address}{path}")
        await page.fill("input[name=user_name]", user_name)
        await page.fill("input[name=password]", self.product.passwords[user_name])
        await page.keyboard.press("Enter")
        await page.locator(".who").wait_for()
        return page
