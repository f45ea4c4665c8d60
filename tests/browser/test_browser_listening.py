"""One recording in a real browser: asked what for, drawn, heard by parts, by keyboard, at every size."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from tests.browser.chromium import chromium
from tests.browser.listen_server import SECONDS, ListenServer, listen_server
from tests.web.listen_doubles import OTHERS
from web.build import UI
from web.guard import SESSION_COOKIE

pytestmark = pytest.mark.asyncio(loop_scope="module")

AXE = UI / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = os.environ.get("KRING_TEST_PICTURES", "")  # a folder: pictures of each size are put there
LATE = 60_000  # milliseconds

# What comes out of the merger: the loudness of both ears, and every gain.
TAP = """
const merge = AudioContext.prototype.createChannelMerger;
AudioContext.prototype.createChannelMerger = function (...given) {
  const merger = merge.apply(this, given);
  const splitter = this.createChannelSplitter(2);
  merger.connect(splitter);
  globalThis.ears = [0, 1].map((ear) => {
    const analyser = this.createAnalyser();
    splitter.connect(analyser, ear);
    return analyser;
  });
  return merger;
};
globalThis.loudness = () => globalThis.ears.map((ear) => {
  const data = new Float32Array(ear.fftSize);
  ear.getFloatTimeDomainData(data);
  return Math.sqrt(data.reduce((sum, one) => sum + one * one, 0) / data.length);
});
"""


@pytest_asyncio.fixture(loop_scope="module")
async def server(tmp_path: Path) -> AsyncIterator[ListenServer]:
    async with listen_server(tmp_path) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


@asynccontextmanager
async def opened(
    browser: Browser, server: ListenServer, rest: str = "", width: int = 1366, **options: Any
) -> AsyncIterator[Page]:
    """Open the page as a reviewer; a breach of the policy or an uncaught error fails the test."""
    context = await browser.new_context(viewport={"width": width, "height": 768}, **options)
    context.set_default_timeout(LATE)
    await context.add_cookies([{"name": SESSION_COOKIE, "value": "quality", "url": server.address}])
    await context.add_init_script(TAP)
    page = await context.new_page()
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Refused to" in message.text:
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        await page.goto(server.page + rest)
        yield page
        assert complaints == [] or PICTURES  # taking a picture puts a style of its own into the page
    finally:
        await context.close()


async def listens(page: Page, purpose: str = "Penilaian mutu") -> None:
    """Give the purpose and wait for the waveform and the sound's head."""
    await page.get_by_label(purpose).check()
    await page.get_by_role("button", name="Buka rekaman").click()
    await until(lambda: page.evaluate("document.getElementById('sound')?.readyState >= 1"))
    await until(
        lambda: page.evaluate("!!document.querySelector('#wave > div')?.shadowRoot.querySelector('canvas')")
    )


async def until(asked: Callable[[], Awaitable[Any]]) -> Any:
    """Wait until something is so. (The pages' policy forbids Playwright's own waiting.)"""
    for _ in range(600):
        if found := await asked():
            return found
        await asyncio.sleep(0.1)
    raise AssertionError("it never came so")


async def at(page: Page) -> float:
    found: float = await page.evaluate("document.getElementById('sound').currentTime")
    return found


async def faults(page: Page) -> list[str]:
    """Return the serious faults that axe finds."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    # Without its copies of style sheets: for a shadow tree it makes one that the page's policy forbids.
    found = await page.evaluate("axe.run({ preload: false })")
    return [
        f"{one['id']}: {json.dumps([node['target'] for node in one['nodes']])}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


async def test_nothing_is_loaded_before_the_purpose_is_given(browser: Browser, server: ListenServer) -> None:
    async with opened(browser, server) as page:
        await page.get_by_role("button", name="Buka rekaman").click()
        await expect(page.locator("#player")).to_have_count(0)
        assert server.world.sounds.read_bytes == 0
        assert server.world.acts() == []
        await listens(page, "Kalibrasi")
        await expect(page.locator("#playback")).to_contain_text("Dibuka untuk: Kalibrasi")
    assert [why for _, _, why in server.world.acts()] == ["calibration"] * 2


async def test_it_is_heard_by_parts_and_what_was_heard_is_told(
    browser: Browser, server: ListenServer
) -> None:
    whole = len(server.world.sounds.content[OTHERS])
    async with opened(browser, server, "#t=83.5") as page:
        await listens(page)
        await until(lambda: _near(page, 83.5))
        await expect(page.locator("#clock")).to_have_text("1:23 / 4:00")
        await page.get_by_role("button", name="Putar", exact=True).click()
        await until(lambda: _after(page, 84.5))
        await page.get_by_role("button", name="Jeda", exact=True).click()
        await expect(page.get_by_role("button", name="Putar", exact=True)).to_be_visible()
        # Far ahead: the browser asks for that part, and not for all before it.
        await page.locator("#position").fill("230")
        await until(lambda: page.evaluate("document.getElementById('sound').readyState >= 2"))
        assert await at(page) == pytest.approx(230, abs=0.6)
        duration = await page.evaluate("document.getElementById('sound').duration")
        assert duration == pytest.approx(SECONDS, abs=0.5)
    [playback] = await server.world.playbacks.of_recording(OTHERS)
    given = await server.world.playbacks.given(playback.playback_id)
    assert max(end - start for _, start, end in given) <= 1_048_576
    print(f"{len(given)} ranges of {whole} bytes: {[(a, b) for _, a, b in given]}")  # noqa: T201
    closed = await until(lambda: _closed(server, playback.playback_id))
    assert closed.closed_at is not None
    [(start, end), *_] = await server.world.playbacks.parts(playback.playback_id)
    assert start == pytest.approx(83_500, abs=1000)
    assert end > 84_000


async def test_the_page_is_played_by_keyboard(browser: Browser, server: ListenServer) -> None:
    async with opened(browser, server) as page:
        await page.get_by_label("Penilaian mutu").press("Space")
        await page.keyboard.press("Enter")
        await until(lambda: page.evaluate("document.getElementById('sound')?.readyState >= 1"))
        await expect(page.locator("#player")).to_be_focused()
        await page.keyboard.press("Space")
        await until(lambda: _after(page, 0.3))
        await page.keyboard.press("Space")
        await expect(page.locator("#play")).to_have_text("Putar")
        here = await at(page)
        await page.keyboard.press("Shift+ArrowRight")
        assert await at(page) == pytest.approx(here + 30, abs=0.3)
        await page.keyboard.press("ArrowLeft")
        assert await at(page) == pytest.approx(here + 25, abs=0.3)
        for key, speed in (("+", 1.25), ("+", 1.5), ("-", 1.25), ("-", 1), ("-", 0.75), ("-", 0.75)):
            await page.keyboard.press(key)
            assert await page.evaluate("document.getElementById('sound').playbackRate") == speed
        await page.keyboard.press("m")
        await expect(page.locator("#comment-text")).to_be_focused()
        assert float(await page.input_value("#comment-from")) == pytest.approx(here + 25, abs=0.3)
        await page.keyboard.type("m + spasi")
        assert await page.input_value("#comment-text") == "m + spasi"
        await expect(page.locator("#play")).to_have_text("Putar")
        await page.locator("#position").press("ArrowRight")  # the slider's own step
        assert await at(page) == pytest.approx(here + 25.1, abs=0.3)
        await page.locator("#player").focus()
        await page.keyboard.press("?")
        await expect(page.locator("#keys")).to_contain_text("Lebih cepat")


async def test_a_click_on_the_waveform_a_mark_or_a_link_of_a_piece_goes_there(
    browser: Browser, server: ListenServer
) -> None:
    async with opened(browser, server) as page:
        await listens(page)
        box = await page.locator("#wave").bounding_box()
        assert box is not None
        await page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
        await until(lambda: _near(page, SECONDS / 2))
        await page.locator("#marks").get_by_role("link", name="3:25").click()
        await until(lambda: _near(page, 205))
        await expect(page.locator("#here-now")).to_contain_text("Suara hilang")
        await page.locator("#context").get_by_role("link", name="Ke penahanan").click()
        await until(lambda: _near(page, 61))
        await expect(page.locator("#here-now")).to_contain_text("Ditahan")
        await expect(page.locator("#score")).to_contain_text("Tidak tersedia")
        await expect(page.locator("#notices .notice")).to_have_count(0)
        regions = "[...document.querySelector('#wave > div').shadowRoot.querySelectorAll('[part*=mark-]')]"
        names = await until(lambda: page.evaluate(f"{regions}.map((one) => one.textContent)"))
        assert sorted(names) == sorted(["i", "×", "‖", "?", "→", "+", "×", "!"])
        widths = await page.evaluate(f"{regions}.map((one) => one.getBoundingClientRect().width)")
        assert max(widths) == pytest.approx(box["width"] * 25 / SECONDS, abs=3)


async def test_each_side_has_its_volume(browser: Browser, server: ListenServer) -> None:
    async with opened(browser, server) as page:
        await listens(page)
        await page.locator("#volume-agent").fill("0")
        await page.get_by_role("button", name="Putar", exact=True).click()
        loud, silent = await _loudest(page)
        assert loud > 0.05
        assert silent < 0.0005
        await page.get_by_label("Kedua sisi di kedua telinga").check()
        left, right = await _loudest(page)
        assert left == pytest.approx(right, abs=0.02)
        assert right > 0.05
        spoken = await page.locator("#volume-agent").get_attribute("aria-valuetext")
        assert spoken == "0 persen"


async def test_a_comment_is_written_shown_and_drawn(browser: Browser, server: ListenServer) -> None:
    async with opened(browser, server) as page:
        await listens(page)
        await page.locator("#position").fill("60")
        await page.get_by_role("button", name="Beri komentar di sini").click()
        await page.fill("#comment-text", "Ditahan tanpa <b>kalimat</b> pembuka")
        await page.locator("#position").fill("83.5")
        await page.get_by_role("button", name="Sampai posisi ini").click()
        await page.select_option("#comment-audience", "agent")
        await page.get_by_role("button", name="Simpan komentar").click()
        await expect(page.locator("#comments")).to_contain_text("tanpa <b>kalimat</b> pembuka")
        await expect(page.locator("#comments")).to_contain_text("1:00–1:23")
        await expect(page.locator("#comment-text")).to_have_value("")
        drawn = (
            "document.querySelector('#wave > div').shadowRoot.querySelectorAll('[part*=mark-comment]').length"
        )
        assert await until(lambda: page.evaluate(drawn)) == 1
        await page.get_by_role("button", name="Tarik kembali").click()
        await page.locator("#confirm").get_by_role("button", name="Ya").click()
        await expect(page.locator("#comments")).to_contain_text("Belum ada komentar")
        await page.fill("#comment-text", "Terlalu jauh")
        await page.fill("#comment-from", "999")
        await page.get_by_role("button", name="Simpan komentar").click()
        await expect(page.locator("#comment-from-error")).to_have_text("Rekaman tidak sepanjang itu.")


async def test_a_playback_that_has_ended_is_opened_anew_and_on_record(
    browser: Browser, server: ListenServer
) -> None:
    async with opened(browser, server) as page:
        await listens(page)
        await page.locator("#position").fill("10")
        server.world.clock.passes(3600)
        await page.locator("#position").fill("225")
        await expect(page.locator("#notices")).to_contain_text("dibuka kembali")
        await until(lambda: _near(page, 225))
        await page.get_by_role("button", name="Putar", exact=True).click()
        await until(lambda: _after(page, 225.3))
    acts = [act for act, _, _ in server.world.acts()]
    assert acts == ["recording_opened", "recording_played"] * 2


async def test_without_levels_it_can_be_heard_all_the_same(browser: Browser, server: ListenServer) -> None:
    async with opened(browser, server) as page:
        await page.route("**/peaks?*", lambda route: route.abort())
        await page.get_by_label("Penilaian mutu").check()
        await page.get_by_role("button", name="Buka rekaman").click()
        await expect(page.locator("#wave-trouble")).to_be_visible()
        await page.get_by_role("button", name="Putar", exact=True).click()
        await until(lambda: _after(page, 0.3))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1366, 1024, 360])
async def test_it_fits_and_has_no_serious_fault(
    browser: Browser, server: ListenServer, width: int, scheme: str
) -> None:
    async with opened(browser, server, width=width, color_scheme=scheme) as page:
        assert await faults(page) == []
        await listens(page)
        await page.locator("#position").fill("61")
        await expect(page.locator("#context")).to_contain_text("Lupa EFIN")
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        assert await faults(page) == []
        if PICTURES:
            folder = Path(PICTURES)
            await page.wait_for_timeout(400)
            await page.screenshot(path=folder / f"listening-{width}-{scheme}.png", full_page=True)


async def _near(page: Page, seconds: float) -> bool:
    return abs(await at(page) - seconds) < 1.0


async def _after(page: Page, seconds: float) -> bool:
    return await at(page) > seconds


async def _closed(server: ListenServer, playback_id: str) -> Any:
    found = await server.world.playbacks.get(playback_id)
    return found if found is not None and found.closed_at is not None else None


async def _loudest(page: Page) -> tuple[float, float]:
    """Return the loudest of both ears over some turns of both sides."""
    await asyncio.sleep(0.3)
    heard = [0.0, 0.0]
    begun = await at(page)
    while await at(page) < begun + 4:
        now = await page.evaluate("globalThis.loudness()")
        heard = [max(one, other) for one, other in zip(heard, now, strict=True)]
        await asyncio.sleep(0.05)
    return heard[0], heard[1]
