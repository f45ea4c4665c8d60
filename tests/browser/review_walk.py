"""What people do with a recording: found, heard, scored, signed, contested, decided, calibrated, coached."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from tests.browser.review_server import ReviewServer
from web.guard import SESSION_COOKIE

WITHIN = 60_000  # milliseconds, on however busy a machine
Seen = Callable[[str, Page], Awaitable[None]]

# Answers every question of the form yes, but one; each change is told as a hand would tell it.
_ANSWER = """(wrong) => {
  for (const item of document.querySelectorAll('form[data-score] [data-item]')) {
    const value = item.dataset.item === wrong ? 'no' : 'yes';
    item.querySelector(`input[value=${value}]`).click();
  }
  for (const fact of document.querySelectorAll('form[data-score] select[data-fact]')) {
    if (fact.value === '') {
      const choices = [...fact.options];
      fact.value = (choices.find((one) => one.text.includes('memang seharusnya')) ?? choices[1]).value;
      fact.dispatchEvent(new Event('change', { bubbles: true }));
    }
  }
}"""


# Whether the player is seen to its upper edge.
_IN_SIGHT = """() => {
  const player = document.getElementById('player');
  const { x, y } = player.getBoundingClientRect();
  return y >= 0 && player.contains(document.elementFromPoint(x + 40, y + 20));
}"""


@dataclass(slots=True)
class ReviewWalk:
    """Walks through the pages; `seen` is shown each state."""

    server: ReviewServer
    browser: Browser
    seen: Seen
    complaints: list[str] = field(default_factory=list)

    async def whole(self) -> None:
        """Take the way from the recording to what is learned of it."""
        await self.plans()
        await self.reviews()
        appeal = await self.contests()
        await self.decides(appeal)
        await self.calibrates()
        await self.coaches()
        await self.watches()

    @asynccontextmanager
    async def page(self, who: str, path: str) -> AsyncIterator[Page]:
        """Open a page as somebody; breaches of the policy and uncaught errors are `complaints`."""
        context = await self.browser.new_context(viewport={"width": 1366, "height": 768}, locale="id-ID")
        context.set_default_timeout(WITHIN)
        await context.add_cookies([{"name": SESSION_COOKIE, "value": who, "url": self.server.address}])
        page = await context.new_page()

        def hear(message: ConsoleMessage) -> None:
            if "Content Security Policy" in message.text or "Refused to" in message.text:
                self.complaints.append(f"{path}: {message.text}")

        page.on("console", hear)
        page.on("pageerror", lambda error: self.complaints.append(f"{path}: {error}"))
        try:
            await page.goto(self.server.address + path)
            yield page
        finally:
            await context.close()

    async def plans(self) -> None:
        """SPV PKL samples; the work list has it."""
        async with self.page("quality_lead", "/rencana-sampel") as page:
            await page.click("[data-opens=new-plan]")
            await page.fill("#field-name", "Acak mingguan")
            await self.seen("review-plan-new", page)
            await page.click("#new-plan button.button-primary")
            await expect(page.locator("#plans section")).to_have_count(1)
            day = {"every": "hand", "each": 0, "name": "Semua panggilan 2 Juni", "active": True}
            made = await self.asks("quality_lead", "POST", "/api/review/plans", day)
            draws = f"/api/review/plans/{made['plan_id']}/draws"
            assert (await self.asks("quality_lead", "POST", draws, {"day": "2025-06-02"}))["taken"]
            await page.reload()
            await self.seen("review-plans", page)
        async with self.page("quality", "/tugas-nilai") as page:
            await page.locator("#tasks button", has_text="Ambil").first.click()
            await page.wait_for_url(re.compile("/rekaman/[0-9a-f]{32}"))
            await page.goto(f"{self.server.address}/tugas-nilai")
            await self.seen("review-tasks", page)

    async def reviews(self) -> None:
        """A reviewer finds a call, listens, seeks, comments, and scores it."""
        one = self.server.recordings[0]
        async with self.page("quality", "/rekaman") as page:
            await page.fill("#field-since", "2025-06-01")
            await page.fill("#field-words", "EFIN")
            await page.keyboard.press("Enter")
            await expect(page.locator(".review-table tbody tr")).not_to_have_count(0)
            await self.seen("recordings", page)
        async with self.page("quality", f"/rekaman/{one.recording_id}") as page:
            await self.seen("recording-purpose", page)
            await self._listens(page, "review")
            await page.locator("#marks tr[data-mark=hold] a").first.click()
            await _until(lambda: _position(page), 37.0)
            await page.click("#comment-here")
            await page.fill("#comment-text", "Izin hold diminta dengan baik.")
            await page.click("#comment-form button.button:not(.button-quiet)")
            await expect(page.locator("#comments")).to_contain_text("Izin hold")
            await page.click("#transcript button")
            await expect(page.locator("#transcript")).to_contain_text("lupa efin")
            await expect(page.locator("#context")).to_contain_text("Lupa EFIN")
            await page.evaluate("scrollTo(0, 0)")
            await self.seen("recording", page)
            await self._scores(page, "accuracy")
            await page.evaluate("document.querySelector('[data-score]').scrollIntoView()")
            assert await page.evaluate(_IN_SIGHT), "something covers the player"
            await self.seen("recording-scoring", page)
            await self._finishes(page)
            await expect(page.locator("#score")).to_contain_text("Jawaban")
            await self.seen("recording-scored", page)
        async with self.page("quality_lead", f"/rekaman/{one.recording_id}/unduh") as page:
            await self.seen("recording-download", page)

    async def contests(self) -> str:
        """The agent reads the score, signs it and appeals; the team leader endorses. Return the address."""
        async with self.page("agent", "/penilaian") as page:
            await self.seen("scores-own", page)
            await page.locator("a[href^='/penilaian/']").first.click()
            await page.locator("[hx-post$='/sign'], form[hx-post$='/sign'] button").first.click()
            await expect(page.locator("main")).to_contain_text("Sudah dibaca")
            await self.seen("score-signed", page)
            await page.goto(f"{self.server.address}/banding")
            await self.seen("appeals", page)
            await page.click("a[href^='/banding/baru/']")
            await page.check("#take-accuracy")
            await page.fill("#reason-accuracy", "Tarif yang saya sebut sesuai ketentuan.")
            await page.fill("#start-accuracy", "0:25")
            await self.seen("appeal-new", page)
            await page.click("#appeal-form button.button-primary")
            await page.wait_for_url(re.compile(r"/banding/[0-9a-f]{32}$"))
            address = page.url.removeprefix(self.server.address)
            await self.seen("appeal-filed", page)
        async with self.page("team_leader", address) as page:
            await page.click("button[value=endorse]")
            await expect(page.locator(".tag", has_text="Menunggu SPV PKL")).to_be_visible()
        return address

    async def decides(self, appeal: str) -> None:
        """SPV PKL has it scored anew, blind; the arbiter ends it."""
        async with self.page("quality_lead", appeal) as page:
            await self.seen("appeal-decide", page)
            await page.select_option("select[name=rescorer]", self.staff_id("quality_2"))
            await page.click("button[value=approve]")
            await expect(page.locator(".tag", has_text="Dinilai ulang")).to_be_visible()
        async with self.page("quality_2", "/banding") as page:
            await page.click("a[href$='tujuan=appeal']")
            await self._listens(page, "appeal")
            await self._scores(page, "")
            await self.seen("recording-blind", page)
            await self._finishes(page)
        async with self.page("quality_lead", appeal) as page:
            await page.select_option("select[name=to]", self.staff_id("quality_3"))
            await page.click("form[hx-post$='/assign'] button")
            await expect(page.locator("dd", has_text="Contoh quality 3")).to_be_visible()
            await self.finishes("quality_3", self.server.recordings[0].recording_id)
            await page.goto(self.server.address + appeal)
            await expect(page.locator(".tag-good", has_text="Nilai berubah")).to_be_visible()
            await self.seen("appeal-done", page)
            await page.goto(f"{self.server.address}/banding/angka")
            await self.seen("appeal-rates", page)

    async def calibrates(self) -> None:
        """Two reviewers score one call blind; SPV PKL closes the round."""
        one = self.server.recordings[1].recording_id
        async with self.page("quality_lead", "/kalibrasi") as page:
            await page.fill("#field-title", "Kalibrasi Juni")
            await page.fill("#field-due_on", "2025-06-20")
            await page.fill("#field-recordings", f"{self.server.address}/rekaman/{one}")
            for who in ("quality", "quality_2"):
                await page.check(f"input[value='{self.staff_id(who)}']")
            await self.seen("calibration-new", page)
            await page.click("form[hx-post='/api/calibrations'] button")
            await page.wait_for_url(re.compile(r"/kalibrasi/[0-9a-f]{32}$"))
            await self.finishes("quality", one, "accuracy")
            await self.finishes("quality_2", one, "closing")
            await page.reload()
            await page.click("form[hx-post$='/close'] button")
            await page.click("#confirm button[value=yes]")
            await expect(page.locator("#agreement-title")).to_be_visible()
            await self.seen("calibration-closed", page)

    async def coaches(self) -> None:
        """The team leader makes a task of a score; the agent goes through it."""
        score = await self.finishes("quality", self.server.recordings[2].recording_id, "accuracy")
        task = {"score_id": score, "criterion": "answer", "note": "Dengarkan bersama"}
        made = await self.asks("team_leader", "POST", "/api/coaching", task)
        async with self.page("agent", f"/pembinaan/{made['task_id']}") as page:
            await page.click("text=Sudah dilakukan >> nth=0")
            await expect(page.locator(".step.done")).to_have_count(1)
            await self.seen("coaching-task", page)
        async with self.page("team_leader", "/pembinaan") as page:
            await self.seen("coaching", page)

    async def watches(self) -> None:
        """A supervisor looks after alarms, SPV PKL after forms, the privacy officer after requests."""
        async with self.page("supervisor", "/pengawasan-rekaman") as page:
            await expect(page.locator(".nav [aria-current]").first).to_be_visible()
            await self.seen("recordings-watch", page)
        async with self.page("supervisor", "/penilaian") as page:
            await self.seen("scores", page)
        async with self.page("quality_lead", "/formulir-nilai") as page:
            await self.seen("score-forms", page)
        asked = {
            "request_id": "1" * 32, "kind": "copy", "npwp": self.server.world.person.taxpayer.npwp,
            "name": "Contoh Pemohon", "relation": "self", "proven_by": "ktp_seen",
            "proof": "KTP dilihat di KPP", "contact": "surat", "wish": "Salinan rekaman",
        }  # fmt: skip
        await self.asks("privacy_officer", "POST", "/api/person-requests", asked)
        async with self.page("privacy_officer", "/berkas") as page:
            await self.seen("persons", page)
            await page.goto(f"{self.server.address}/berkas/{asked['request_id']}")
            await self.seen("person", page)

    async def asks(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """Do something by the API that is not looked at. Raises httpx.HTTPStatusError."""
        headers = {"x-csrf-token": self.server.world.visitors[who].csrf}
        cookies = {SESSION_COOKIE: who}
        address = self.server.address
        async with httpx.AsyncClient(
            base_url=address, headers=headers, cookies=cookies, timeout=60
        ) as client:
            answer = await client.request(method, path, json=body)
            answer.raise_for_status()
            return answer.json()

    async def finishes(self, who: str, recording_id: str, wrong: str = "") -> str:
        """Make somebody's score final by the API; return its id."""
        offered = (await self.asks(who, "GET", f"/api/recordings/{recording_id}/scores"))["scoring"]
        form = offered["form"]
        codes = [
            one["code"] for part in form["criteria"] for item in part["items"] for one in item["questions"]
        ]
        body = {
            "recording_id": recording_id, "kind": offered["kind"], "person": offered["person"],
            "form": form["name"], "form_version": form["version"], "count": offered["count"],
            "answers": {code: {"answer": "no" if code == wrong else "yes"} for code in codes},
            "facts": {one["code"]: _fit(one["choices"]) for one in form["facts"] if one["needed"]},
            "summary": "Jawaban perlu diperbaiki.",
        }  # fmt: skip
        await self.asks(who, "POST", f"/api/scores/{offered['score_id']}/finish", body)
        return str(offered["score_id"])

    def staff_id(self, who: str) -> str:
        return self.server.world.visitors[who].staff.staff_id

    async def _listens(self, page: Page, purpose: str) -> None:
        await page.check(f"input[name=purpose][value={purpose}]")
        await page.click(".listen-purpose button.button-primary")
        await _until(lambda: page.evaluate("document.getElementById('sound')?.readyState || 0"), 1)
        drawn = "document.querySelector('#wave > div')?.shadowRoot.querySelectorAll('canvas').length || 0"
        await _until(lambda: page.evaluate(drawn), 1)

    async def _finishes(self, page: Page) -> None:
        await page.click("[data-finish]")
        await page.click("#confirm button[value=yes]")
        await expect(page.locator("form[data-score]")).to_have_count(0)

    async def _scores(self, page: Page, wrong: str) -> None:
        await expect(page.locator("form[data-score]")).to_be_visible()
        await page.evaluate(_ANSWER, wrong)
        await page.fill("#score-summary", "Salam lengkap, PORO lengkap.")
        await expect(page.locator("[data-score-status]")).to_contain_text(re.compile(r"\d"))


def _fit(choices: list[dict[str, str]]) -> str:
    """Return the choice that excuses nothing: answered by oneself, and rightly so."""
    return next((one["code"] for one in choices if "memang seharusnya" in one["text"]), choices[0]["code"])


async def _position(page: Page) -> float:
    found: float = await page.evaluate("document.getElementById('sound').currentTime")
    return found


async def _until(asked: Callable[[], Awaitable[float]], least: float) -> None:
    """Wait until something is so much. (The pages' policy forbids Playwright's own waiting.)"""
    for _ in range(600):
        if await asked() >= least:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it never came so")
