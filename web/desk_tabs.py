"""Which of an agent's open pages has the phone: one at a time, so that one click answers one call.

Kept in memory: after a restart of the service the page that has the phone claims it again.
"""

from web.desk_feed import DeskFeed


class PhoneTabs:
    """The pages that have the phones."""

    def __init__(self, feed: DeskFeed) -> None:
        self._feed = feed
        self._holders: dict[str, str] = {}  # staff number → the page's random name

    def claim(self, agent: str, tab: str, *, take_over: bool) -> bool:
        """Give an agent's phone to a page; False: another open page has it, and is not to lose it.

        With `take_over` the page that had it is told. A page that is closed has no phone.
        """
        holder = self._holders.get(agent)
        if holder not in (None, tab):
            if any(page.tab == holder for page in self._feed.pages(agent)) and not take_over:
                return False
            self._feed.phone_taken(agent, holder)
        self._holders[agent] = tab
        return True

    def holder(self, agent: str) -> str:
        """Return the name of the page that has an agent's phone; empty: none that is open."""
        tab = self._holders.get(agent, "")
        return tab if any(page.tab == tab for page in self._feed.pages(agent)) else ""
