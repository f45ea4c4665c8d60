"""Every state of the agent's page and of the pages beside it, once, in the real product.

The agent's call is walked by keyboard alone. At each state `seen` is called with its name: a test looks for
faults there, `python -m tests.browser.screens` takes a picture.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from playwright.async_api import Browser, Page, expect

from domain.directory import ProofItem
from service.phone.client import Telephone
from storage.synthetic_profiles import synthetic_record
from tests.browser.agent_page import TEXTS, WITHIN, AgentPage
from tests.browser.product import PERSON, SYNTHETIC, Product, asks_for_efin
from tests.sip.caller import Caller
from tests.sip.installation import now

Seen = Callable[[str, Page], Awaitable[None]]
MILLISECONDS = 1000 * WITHIN
SCREEN: Any = {"viewport": {"width": 1366, "height": 768}, "locale": "id-ID"}
_MOST_ITEMS = 5
_AFTER_SIGN_IN = "/akun"
_NEW_PASSWORD = "kata-sandi-contoh-untuk-uji"  # of an installation that is gone after the walk


class Walk:
    """One walk; each part leaves the floor as it found it."""

    def __init__(self, product: Product, browser: Browser, phone: Telephone, seen: Seen) -> None:
        self.product, self.browser, self.phone, self.seen = product, browser, phone, seen

    async def whole(self) -> None:
        """Walk all of it."""
        agent = await self.product.signs_in(self.browser, "agen1003")
        await self.before_work(agent)
        await self.a_call(agent)
        await self.missed(agent)
        await self.troubles(agent)
        await self.office()

    async def before_work(self, agent: AgentPage) -> None:
        """The sign-in page, signed out, paused, ready."""
        context = await self.browser.new_context(**SCREEN)
        page = await context.new_page()
        await page.goto(f"{self.product.address}/masuk")
        await self.seen("sign-in", page)
        await context.close()
        await self.seen("signed-out", agent.page)
        await agent.asks("start", "Alt+R")
        await agent.is_in("paused")
        await self.seen("paused", agent.page)
        await agent.asks("pause", "Alt+P")
        await agent.page.locator("#pause-dialog").wait_for()
        await self.seen("pause-dialog", agent.page)
        await agent.presses("Escape")
        await agent.asks("ready", "Alt+R")
        await agent.is_in("ready")
        await agent.shows("#softphone", TEXTS.say("id", "desk.phone_ready"))
        await self.seen("ready", agent.page)

    async def a_call(self, agent: AgentPage) -> None:
        """From the ring to the note, by keyboard."""
        page, caller = agent.page, Caller(self.phone, self.product)
        await asks_for_efin(caller)
        await agent.is_in("ringing")
        await agent.shows("#card", f"…{PERSON.npwp[-4:]}")
        await page.locator("#script .step").first.wait_for()
        await self.seen("ringing", page)
        await agent.answers()
        await page.locator("#note-question").wait_for()
        await page.locator("#matters h2").wait_for()
        await self.seen("talking", page)
        await self.proof(agent)
        await self.script_and_note(agent)
        await self.matters(agent)
        await agent.asks("hold", "Alt+L")
        await agent.is_in("holding")
        await self.seen("holding", page)
        await agent.asks("unhold", "Alt+L")
        await agent.is_in("talking")
        await self.third(agent)
        await agent.asks("end_call", "Alt+Q")
        await agent.is_in("wrap_up")
        await caller.call.until_ended(WITHIN)
        await self.seen("wrap-up", page)
        await self.saves(agent)

    async def proof(self, agent: AgentPage) -> None:
        """Climb the ladder."""
        page = agent.page
        await agent.presses("Alt+V")
        await expect(page.locator("#proof-name")).to_be_focused()
        await page.keyboard.type(PERSON.name)
        await agent.presses("Enter")
        await agent.shows("#card", PERSON.name)
        await self.seen("confirmed", page)
        await page.locator("#proof [hx-post$=receiver]").first.wait_for()
        await agent.presses("Alt+V")
        await expect(page.locator("#proof [hx-post$=receiver]")).to_have_count(0)
        for _ in range(_MOST_ITEMS):
            if not await page.locator("#proof-answer").count():
                break
            item = await page.locator("#proof input[name=item]").input_value()
            await agent.presses("Alt+V")
            await expect(page.locator("#proof-answer")).to_be_focused()
            await page.keyboard.type(_answer(ProofItem(item)))
            await agent.presses("Enter")
            await expect(page.locator(f"#proof input[name=item][value={item}]")).to_have_count(0)
        await agent.shows("#proof .tag-verified", TEXTS.say("id", "card.rung_full"))
        await agent.shows("#card .tag-verified", TEXTS.say("id", "card.rung_full"))
        await self.seen("full", page)

    async def script_and_note(self, agent: AgentPage) -> None:
        """Tick the first steps, write, choose the result by its digit."""
        page = agent.page
        for _ in range(2):
            current = page.locator("#script [aria-current=step]")
            key = await current.get_attribute("data-step")
            await agent.presses("Alt+S")
            await expect(page.locator(f"#script [data-step={key}]")).not_to_have_attribute(
                "aria-current", "step"
            )
        await agent.presses("Alt+N")
        await page.locator("#note-question").focus()
        await page.keyboard.type("Lupa EFIN, tidak dapat masuk untuk melapor SPT.")
        await agent.presses("Tab")
        await page.keyboard.type("Dijelaskan cara meminta EFIN.")
        await agent.presses("Tab")
        await agent.presses("3")
        await expect(page.locator("#note input[name=result][data-digit='3']")).to_be_checked()

    async def third(self, agent: AgentPage) -> None:
        """The dialog of targets, a consultation, three together."""
        page = agent.page
        await agent.asks("transfer", "Alt+O")
        await page.locator("#target-list [role=option]").first.wait_for()
        await self.seen("transfer-dialog", page)
        await agent.presses("Escape")
        colleague = await self.product.signs_in(self.browser, "agen1001")
        await colleague.goes_ready()
        await agent.chooses("consult", "Alt+K", "Contoh Satu")
        await colleague.answers_consultation()
        await agent.is_in("consulting")
        await self.seen("consulting", page)
        await agent.asks("conference", "Alt+G")
        await agent.is_in("conference")
        await self.seen("conference", page)
        await colleague.closes()

    async def saves(self, agent: AgentPage) -> None:
        """Save the note, and end the wrap-up."""
        await agent.presses("Control+Enter")
        await agent.page.locator("#note-so-far").wait_for()
        await self.seen("wrap-up-noted", agent.page)
        await agent.asks("end_wrap_up", "Alt+A")
        await agent.is_in("ready")

    async def matters(self, agent: AgentPage) -> None:
        """A case and a promise, opened in the talk."""
        page = agent.page
        await page.locator("#matters summary").first.press("Enter")
        await page.locator("#matters [hx-get*='topic=other']").press("Enter")
        await page.locator("#matter-subject").wait_for()
        await self.seen("case-form", page)
        await _types(page, "#matter-subject", "Kode billing contoh")
        await _types(page, "#matter-explanation", "Kode billing contoh tidak dapat dicetak.")
        await _types(page, "#matter-contact", "081100001999")
        await _types(page, "#matter-contact_name", "Contoh Penelepon")
        await agent.presses("Enter")
        await page.locator("#matters .notice-good").wait_for()
        await self.seen("case-opened", page)
        await page.locator("#matters [hx-get*='kind=promise']").press("Enter")
        await page.locator("#matter-confirmed").wait_for()
        await page.locator("#matter-confirmed").press("Space")
        await _types(page, "#matter-name", "Contoh Penelepon")
        await _types(page, "#matter-about", "Hasil pengecekan kode billing contoh.")
        tomorrow = (now() + timedelta(days=1)).astimezone(ZoneInfo("Asia/Jakarta"))
        await page.locator("#matter-day").fill(tomorrow.date().isoformat())
        await page.locator("#matter-clock").fill("10:00")
        await _types(page, "#matter-number", "081100001999")
        await agent.presses("Enter")
        await page.locator("#matters .notice-good").wait_for()

    async def missed(self, agent: AgentPage) -> None:
        """Nobody answers the ring: it is told, and the agent is paused."""
        caller = Caller(self.phone, self.product)
        await asks_for_efin(caller)
        await agent.is_in("ringing")
        await agent.page.locator("#notices .notice").first.wait_for(timeout=3 * MILLISECONDS)
        await agent.is_in("paused")
        await self.seen("missed", agent.page)
        await caller.call.hang_up()

    async def troubles(self, agent: AgentPage) -> None:
        """What can go wrong with phone, network and session."""
        page, address = agent.page, f"{self.product.address}/agen"
        second = await agent.context.new_page()
        await second.goto(address)
        await _says(second, "desk.phone_elsewhere")
        await self.seen("second-tab", second)
        await second.locator("[data-act=take-over]").press("Enter")
        await _says(page, "desk.phone_elsewhere")
        await self.seen("taken-over", page)
        await second.close()
        await _says(page, "desk.phone_ready")
        await agent.context.set_offline(True)
        await agent.page.locator("#lost").wait_for(timeout=3 * MILLISECONDS)
        await self.seen("network-lost", page)
        await agent.context.set_offline(False)
        await page.locator("#lost").wait_for(state="hidden")
        third = await agent.context.new_page()
        await third.goto(f"{self.product.address}/akun")
        await third.locator("[hx-post='/api/sign-out']").press("Enter")
        await third.wait_for_url("**/masuk*")
        await third.close()
        await agent.is_in("session_over")
        await self.seen("session-over", page)
        await agent.closes()
        refused = await self.product.signs_in(self.browser, "agen1002")
        await refused.context.clear_permissions()
        await refused.asks("start", "Alt+R")
        await _says(refused.page, "desk.trouble_microphone_refused")
        await self.seen("microphone-refused", refused.page)
        await refused.closes()

    async def office(self) -> None:
        """The pages beside the agent's."""
        agent = await self._enters("agen1003", "/janji")
        await self.seen("promises", agent)
        await self._leaves(agent)
        supervisor = await self._enters("supervisor", "/catatan")
        await supervisor.locator("#found table").wait_for()
        await self.seen("notes", supervisor)
        await supervisor.locator("#found [hx-get^='/api/notes/']").first.press("Enter")
        await supervisor.locator("#note h2, #note h3").first.wait_for()
        await self.seen("note", supervisor)
        await supervisor.goto(f"{self.product.address}/perkara")
        await self.seen("matters", supervisor)
        await supervisor.locator("#matters-list th a").first.press("Enter")
        await supervisor.wait_for_url("**/perkara/*")
        await self.seen("case", supervisor)
        await supervisor.goto(f"{self.product.address}/status")
        await self.seen("status", supervisor)
        await supervisor.locator("[hx-post='/api/language']").press("Enter")
        await supervisor.get_by_role("heading", name=TEXTS.say("en", "status.title"), exact=True).wait_for()
        await self.seen("status-english", supervisor)
        await self._leaves(supervisor)
        admin = await self._enters("admin", "/petugas")
        await admin.wait_for_url(f"**{_AFTER_SIGN_IN}")
        for field, value in (
            ("old", self.product.passwords["admin"]),
            ("new", _NEW_PASSWORD),
            ("again", _NEW_PASSWORD),
        ):
            await admin.locator(f"input[name={field}]").fill(value)
        await admin.keyboard.press("Enter")
        await expect(admin.locator(".notice", has_text=TEXTS.say("id", "account.must_change"))).to_have_count(
            0
        )
        await admin.goto(f"{self.product.address}/petugas")
        await admin.locator("#staff table").wait_for()
        await self.seen("staff", admin)
        await admin.locator("#staff a[href^='/petugas/']").first.press("Enter")
        await admin.wait_for_url("**/petugas/*")
        await self.seen("staff-person", admin)
        await admin.goto(f"{self.product.address}/jejak")
        await self.seen("trail", admin)
        await self._leaves(admin)

    async def _enters(self, user_name: str, path: str) -> Page:
        """Sign in to another page than the agent's."""
        context = await self.browser.new_context(**SCREEN)
        page = await context.new_page()
        await page.goto(f"{self.product.address}{path}")
        await page.fill("input[name=user_name]", user_name)
        await page.fill("input[name=password]", self.product.passwords[user_name])
        await page.keyboard.press("Enter")
        await page.locator(".who").wait_for()
        return page

    async def _leaves(self, page: Page) -> None:
        await page.context.close()


async def _types(page: Page, where: str, text: str) -> None:
    """Type into a field, over what is there."""
    await page.locator(where).focus()
    await page.keyboard.press("Control+A")
    await page.keyboard.type(text)


async def _says(page: Page, name: str) -> None:
    """Wait until the phone's panel says a text."""
    await expect(page.locator("#softphone")).to_contain_text(TEXTS.say("id", name))


def _answer(item: ProofItem) -> str:
    """Return what the made-up person says."""
    record = synthetic_record(SYNTHETIC)
    profile = record.profile
    held = {
        ProofItem.ADDRESS: profile.address,
        ProofItem.EMAIL: profile.email,
        ProofItem.PHONE: profile.phone,
        ProofItem.BIRTH_DATE: profile.born_on.strftime("%d%m%Y") if profile.born_on else "",
        ProofItem.REGISTERED_ON: profile.registered_on.strftime("%d%m%Y") if profile.registered_on else "",
        **record.secrets,
    }
    return held[item]
