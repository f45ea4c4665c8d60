"""What is wrong with a page for somebody who cannot see, or not use a mouse: axe, by its serious findings."""

import json

from playwright.async_api import Page

from web.build import UI

AXE = (UI / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


async def serious_faults(page: Page, *, colours_alone: bool = False) -> list[str]:
    """Return the serious faults that axe finds; `colours_alone`: of contrast, where nothing else is new."""
    await page.evaluate(AXE)
    rules = {"runOnly": ["color-contrast"]} if colours_alone else {}
    # Without its copies of style sheets: for a shadow tree it makes one that the page's policy forbids.
    found = await page.evaluate("(rules) => axe.run({ preload: false, ...rules })", rules)
    return [
        f"{one['id']}: {json.dumps([node['target'] for node in one['nodes']])}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
