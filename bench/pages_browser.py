"""How soon the agent's page can be used in a real browser."""

import shutil
from collections.abc import Callable

from playwright.sync_api import sync_playwright

from web.guard import SESSION_COOKIE

# By then its modules have run and every control does what it says. Milliseconds from the click on.
_USABLE = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


class NoBrowser(Exception):
    """There is no Chromium on this machine, or it does not show the page."""


def usable(address: str, sign_in: Callable[[str], str], times: int) -> list[float]:
    """Return the seconds until the page at `/agen` can be used, the first time with nothing stored.

    `sign_in` makes the cookie of a session for a browser by its user agent. Raises NoBrowser.
    """
    program = shutil.which("chromium")
    if program is None:
        raise NoBrowser("chromium is missing; install it: sudo apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--mute-audio"]
        )
        try:
            context = browser.new_context()
            page = context.new_page()
            cookie = sign_in(page.evaluate("navigator.userAgent"))
            context.add_cookies([{"name": SESSION_COOKIE, "value": cookie, "url": address}])
            found = []
            for _ in range(times):
                answer = page.goto(f"{address}/agen", wait_until="load")
                if answer is None or answer.status != 200 or page.locator("#state").count() != 1:
                    raise NoBrowser(f"/agen is not shown: {answer.status if answer else 'no answer'}")
                found.append(page.evaluate(_USABLE) / 1000)
                page.goto("about:blank")
            return found
        finally:
            browser.close()
