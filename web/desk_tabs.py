"""Which of an agent's open pages has the phone: one at a time, so that one click answers one call.

Kept in memory: after a restart of the service the page that has the phone claims it again.
"""

import asyncio

from web.desk_feed import PHONE_FREE, TAKEN_OVER, DeskFeed, Page

GRACE = 2.0  # seconds for a page that is loaded anew to claim the phone that its old self had


class PhoneTabs:
    """The pages that have the phones."""

    def __init__(self, feed: DeskFeed) -> None:
        self._feed = feed
        self._holders: dict[str, str] = {}  # staff number → the page's random name
        feed.on_gone(self._gone)

    def claim(self, agent: str, tab: str, *, take_over: bool) -> bool:
        """Give an agent's phone to a page; False: another open page has it, and is not to lose it.

        With `take_over` the page that had it is told. A page that is closed has no phone.
        """
        holder = self.holder(agent)
        if holder not in ("", tab):
            if not take_over:
                return False
            for page in self._feed.pages(agent):
                if page.tab == holder:
                    self._feed.tell_of_phone(page, TAKEN_OVER)
        self._holders[agent] = tab
        return True

    def holder(self, agent: str) -> str:
        """Return the name of the page that has an agent's phone; empty: none that is open."""
        tab = self._holders.get(agent, "")
        return tab if any(page.tab == tab for page in self._feed.pages(agent)) else ""

    def _gone(self, page: Page) -> None:
        if page.tab and self._holders.get(page.agent) == page.tab:
            asyncio.get_running_loop().call_later(GRACE, self._offer, page)

    def _offer(self, gone: Page) -> None:
        """Offer the phone of a page that is gone to one that is open in the same browser.

        To no other session: nobody's microphone is switched on in a place they may have left.
        """
        if self.holder(gone.agent):
            return
        for page in self._feed.pages(gone.agent):
            if page.session_id == gone.session_id and page.tab:
                self._feed.tell_of_phone(page, PHONE_FREE)
                return
