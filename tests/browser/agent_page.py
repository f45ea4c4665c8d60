"""The agent's page in a real browser, as a test uses it: by keyboard, looking and listening."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, Response

from web.texts import Texts

WITHIN = 30.0  # seconds, generous: the machine may be busy
LOOK = 0.1  # seconds
NEAR = 20.0  # Hz by which a tone may differ from its bin
TEXTS = Texts.load()

# Listens to what the page receives: the loudest frequency of all connections, in Hz; 0: silence.
EAR = """
(() => {
  const Real = window.RTCPeerConnection;
  const ears = [];
  window.RTCPeerConnection = class extends Real {
    constructor(...given) {
      super(...given);
      this.addEventListener("track", ({track}) => {
        const context = new AudioContext();
        const ear = context.createAnalyser();
        ear.fftSize = 8192;
        context.createMediaStreamSource(new MediaStream([track])).connect(ear);
        ears.push({ear, track});
      });
    }
  };
  window.loudestHeard = () => {
    const live = ears.filter(({track}) => track.readyState === "live");
    if (live.length === 0) return -1;
    const {ear} = live[live.length - 1];
    const bins = new Float32Array(ear.frequencyBinCount);
    ear.getFloatFrequencyData(bins);
    let best = 0;
    bins.forEach((level, at) => { if (level > bins[best]) best = at; });
    return bins[best] < -60 ? 0 : best * ear.context.sampleRate / ear.fftSize;
  };
})();
"""


class AgentPage:
    """One agent's browser."""

    def __init__(self, context: BrowserContext, page: Page, address: str) -> None:
        self.context, self.page, self.address = context, page, address
        self.troubles: list[str] = []  # errors of scripts, and answers that say a fault
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("response", self._answered)

    @classmethod
    async def signs_in(cls, browser: Browser, address: str, user_name: str, password: str) -> AgentPage:
        """Open a browser of its own and sign in."""
        context = await browser.new_context(
            permissions=["microphone"], viewport={"width": 1366, "height": 768}, locale="id-ID"
        )
        await context.add_init_script(EAR)
        one = cls(context, await context.new_page(), address)
        await one.page.goto(f"{address}/agen")
        await one.page.fill("input[name=user_name]", user_name)
        await one.page.fill("input[name=password]", password)
        await one.page.keyboard.press("Enter")
        await one.is_in("signed_out")
        return one

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.troubles.append(f"{response.status} {response.request.method} {response.url}")

    async def goes_ready(self) -> None:
        """Begin work with the phone in the page, and be ready."""
        await self.asks("start", "Alt+R")
        await self.is_in("paused")
        await self.asks("ready", "Alt+R")
        await self.is_in("ready")

    async def asks(self, button: str, key: str) -> None:
        """Press the key of a button, once the button can be used."""
        usable = f"[data-request={button}]:not([disabled]), [data-act={button}]:not([disabled])"
        await self.page.locator(usable).first.wait_for()
        await self.presses(key)

    async def presses(self, key: str) -> None:
        """Press a key of the keyboard."""
        await self.page.keyboard.press(key)

    async def is_in(self, state: str) -> None:
        """Wait for a state of the agent (`desk.word_STATE`)."""
        await self.shows("#state-word", TEXTS.say("id", f"desk.word_{state}"), exactly=True)

    async def shows(self, where: str, text: str, *, exactly: bool = False) -> None:
        """Wait until a part of the page shows a text."""
        deadline, found = time.monotonic() + WITHIN, ""
        while found != text if exactly else text not in found:
            assert time.monotonic() < deadline, (
                f"{where}: {text!r} expected, {found!r} found; {self.troubles}"
            )
            await asyncio.sleep(LOOK)
            found = await self.text(where)

    async def text(self, where: str) -> str:
        """Return what a part of the page shows; empty while it is not there."""
        part = self.page.locator(where)
        return (await part.first.inner_text()).strip() if await part.count() else ""

    async def hears(self, hertz: float) -> None:
        """Wait until a tone is the loudest of what the page receives."""
        deadline, heard = time.monotonic() + WITHIN, -1.0
        while abs(heard - hertz) > NEAR:
            assert time.monotonic() < deadline, f"expected {hertz} Hz, heard {heard} Hz"
            await asyncio.sleep(LOOK)
            heard = await self.page.evaluate("loudestHeard()")

    async def answers(self) -> None:
        """Answer the call that rings."""
        await self.is_in("ringing")
        await self.asks("answer", "Alt+J")
        await self.is_in("talking")

    async def answers_consultation(self) -> None:
        """Answer a colleague who wants to consult."""
        await self.is_in("ringing")
        await self.asks("answer", "Alt+J")
        await self.is_in("consulting")

    async def chooses(self, button: str, key: str, target: str) -> None:
        """Open the dialog of targets by its key, search, and take the first that fits."""
        await self.asks(button, key)
        await self.page.locator("#target-search").fill(target)
        await self.page.locator("#target-list [role=option]").first.wait_for()
        await self.presses("Enter")

    async def writes_note(self, question: str, answer: str, result: str) -> None:
        """Write the note and save it, by keyboard: into the note, the answer, the result's digit, save."""
        await self.page.locator("#note-question").fill(question)
        await self.page.locator("#note-answer").fill(answer)
        await self.page.locator(f"#note input[name=result][data-digit='{result}']").check()
        await self.presses("Control+Enter")

    async def api(self, path: str) -> Any:
        """Ask the API as this agent."""
        answer = await self.context.request.get(f"{self.address}{path}")
        assert answer.ok, f"{path}: {answer.status}"
        return await answer.json()

    async def closes(self) -> None:
        """Close the browser without a word."""
        await self.context.close()
