"""The pages of supervision, figures, schedules, plans and reports, over the servers of their tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, Route, expect

from tests.browser.figure_server import figure_server
from tests.browser.plan_server import plan_server
from tests.browser.report_server import report_server
from tests.browser.schedule_server import schedule_server
from tests.browser.wall_server import AGENTS, wall_server
from web.guard import SESSION_COOKIE

SCREEN = {"width": 1366, "height": 768}
MONTH = "since=2025-05-05&until=2025-05-30"
WITHIN = 60_000  # milliseconds, on however busy a machine

Seen = Callable[[str, Page], Awaitable[None]]


class SupervisionWalk:
    """Opens the pages that supervisors and planners have."""

    def __init__(self, browser: Browser, seen: Seen, folder: Path) -> None:
        self._browser = browser
        self._seen = seen
        self._folder = folder

    async def whole(self) -> None:
        """Walk through all areas."""
        await self.wall()
        await self.figures()
        await self.schedules()
        await self.plans()
        await self.reports()

    async def wall(self) -> None:
        """The screen on a wall, the wallboard, and what can be done from it."""
        async with wall_server(self._place("wall")) as server, self._page(server.address, "boss") as page:
            await page.goto(f"{server.address}/papan/layar")
            await expect(page.locator('[data-wall="total.waiting"]')).to_have_text("19")
            await self._seen("wall-screen", page)
            await page.goto(f"{server.address}/papan")
            await expect(page.locator(".wall-agent")).to_have_count(AGENTS)
            await expect(page.locator("[data-wall-course] svg.chart-svg")).to_be_visible()
            await self._seen("wall", page)
            await page.locator('[data-wall-state="talking"] button').first.click()
            await expect(page.locator("#acts")).to_be_visible()
            await self._seen("wall-acts", page)

    async def figures(self) -> None:
        """Figures with their parts, their course and the week."""
        place = self._place("figures")
        async with figure_server(place) as server, self._page(server.address, "chief") as page:
            await page.goto(f"{server.address}/angka/kanal")
            await self._seen("figures-channels", page)
            await page.goto(f"{server.address}/angka?{MONTH}&figure=aht&compare=before")
            await self._seen("figures", page)
            await page.locator("svg.chart-svg").first.scroll_into_view_if_needed()
            await self._seen("figures-course", page)

    async def schedules(self) -> None:
        """A day with who is out of schedule; an agent's own."""
        async with schedule_server(self._place("schedules")) as server:
            async with self._page(server.address, "chief") as page:
                for name, path in (
                    ("schedule", ""),
                    ("schedule-sums", "/rekap"),
                    ("schedule-leaves", "/izin"),
                ):
                    await page.goto(f"{server.address}/jadwal{path}")
                    await self._seen(name, page)
            async with self._page(server.address, "agent") as page:
                await page.goto(f"{server.address}/jadwal/saya")
                await self._seen("schedule-own", page)

    async def plans(self) -> None:
        """A season that is planned, and what comes of two changed numbers."""
        async with plan_server(self._place("plans")) as address, self._page(address, "planner") as page:
            await page.goto(f"{address}/perencana")
            await self._seen("planner-list", page)
            await page.click("form[hx-post='/api/plans'] button.button-primary")
            await expect(page.locator("#sum-title")).to_be_visible()
            await self._seen("planner", page)
            await page.click("form[hx-post$='/what-if'] button")
            await expect(page.locator("#what-if th.number")).to_have_count(4)
            await page.locator("#what-if").scroll_into_view_if_needed()
            await self._seen("planner-what-if", page)

    async def reports(self) -> None:
        """The list, the form, and the monthly report."""
        place = self._place("reports")
        async with report_server(place) as server, self._page(server.address, "supervisor") as page:
            for name, path in (
                ("report-list", ""),
                ("report-form", "/baru"),
                ("reports", "/bulanan?month=2026-10"),
                ("report-terms", "/kamus"),
            ):
                await page.goto(f"{server.address}/laporan{path}")
                await self._seen(name, page)

    def _place(self, name: str) -> Path:
        place = self._folder / name
        place.mkdir()
        return place

    @asynccontextmanager
    async def _page(self, address: str, who: str) -> AsyncIterator[Page]:
        context = await self._browser.new_context(viewport=SCREEN, locale="id-ID")  # type: ignore[arg-type]
        await context.add_cookies([{"name": SESSION_COOKIE, "value": who, "url": address}])
        page = await context.new_page()
        page.set_default_timeout(WITHIN)
        for asked in (
            "matter-work/bell",
            "recording-watch/notice",
        ):  # of areas that the test's server has not
            await page.route(f"**/api/{asked}", _nothing)
        yield page
        await context.close()


async def _nothing(route: Route) -> None:
    await route.fulfill(status=200, content_type="text/html", body="")


async def office(browser: Browser, address: str, password: str, seen: Seen) -> None:
    """Look at complaints, cases by team and settings of the real product, as its supervisor."""
    context = await browser.new_context(viewport=SCREEN, locale="id-ID")  # type: ignore[arg-type]
    page = await context.new_page()
    page.set_default_timeout(WITHIN)
    await page.goto(f"{address}/masuk?ke=/pengaduan/statistik")
    await page.fill("input[name=user_name]", "supervisor")
    await page.fill("input[name=password]", password)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/pengaduan/statistik")
    await seen("complaints", page)
    for name, path in (
        ("complaint-list", "/pengaduan"),
        ("reminders", "/pengingat"),
        ("matters-team", "/perkara-tim"),
        ("missing", "/tanpa-disposisi"),
        ("account", "/akun"),
        ("announcements", "/pengaturan/pengumuman"),
        ("config-changes", "/pengaturan/perubahan"),
        ("config-table", "/pengaturan/dialer_caps"),
        ("config", "/pengaturan"),
    ):
        await page.goto(f"{address}{path}")
        await seen(name, page)
    await page.locator(".nav-group > summary").nth(1).click()
    await seen("menus", page)
    await context.close()
