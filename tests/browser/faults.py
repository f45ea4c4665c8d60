"""What is wrong with a page for somebody who cannot see, or not use a mouse: axe, by its serious findings."""

import json

from playwright.async_api import Page

from web.build import UI

AXE = (UI / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


async def serious_faults(page: Page) -> list[str]:
    """Return the serious faults that axe finds."""
    await page.evaluate(AXE)
    # Without its copies of style sheets: for a shadow tree it makes one that the page's policy forbids.
    found = await page.evaluate("axe.run({ preload: false })")
    return [
        f"{one['id']}: {json.dumps([node['target'] for node in one['nodes']])}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
