"""Tells every agent's page what changes in the agent's own state (server-sent events).

After a change on the floor it is looked at once, `COALESCE` later, for all open pages together; a page is
told only when its own agent's state differs. Events:

- `state`: a `web.desk_state.OwnState`, or null when the floor's tables no longer have the agent;
- `told`: something the floor tells the agent (`acd.messages.TOLD`): `word` and `text`;
- `session`: `why` is `ended` (nobody is signed in any more), `taken_over` (the phone is on another page
  now; this one goes on as a view), or `phone_free` (the page that had the phone is gone: this one, of the
  same session, may have it);
- `outbound`: the agent's outbound work changed (`GET /api/outbound`); it carries nothing;
- `ping`: nothing happened; a page that misses it knows that the line is dead.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import msgspec

from acd.messages import TOLD, staff_messages
from web.desk_state import FloorLook, OwnState, tells_news
from web.floor_port import FloorPort

COALESCE = 0.05  # seconds between a change and the look at it: many changes come together
QUIET = 10.0  # seconds after which a page is told that the line lives, and its session is asked for
MOST_NOTICES = 8  # of what is no state; a page that is further behind misses the oldest

ENDED, TAKEN_OVER, PHONE_FREE = "ended", "taken_over", "phone_free"


@dataclass(eq=False, slots=True)
class Page:
    """One open page of an agent."""

    agent: str  # staff number
    session_id: str
    tab: str  # a random name that the page gave itself; empty: it claims no phone
    language: str
    state: bytes | None = None  # the newest, until it is sent: a slow page gets no backlog
    notices: deque[bytes] = field(default_factory=lambda: deque(maxlen=MOST_NOTICES))
    news: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False

    def tell_state(self, message: bytes) -> None:
        """Let the page have this state instead of one it has not read."""
        self.state = message
        self.news.set()

    def tell(self, message: bytes, *, last: bool = False) -> None:
        """Let the page have this as well; nothing follows the last."""
        self.over = self.over or last
        self.notices.append(message)
        self.news.set()

    def take(self) -> bytes:
        """Return what is to be sent, and begin anew."""
        self.news.clear()
        found = b"".join(self.notices) + (self.state or b"")
        self.notices.clear()
        self.state = None
        return found


class DeskFeed:
    """Feeds the open pages. One for the application."""

    def __init__(self, floor: FloorPort) -> None:
        self._floor = floor
        self._run = secrets.token_hex(4)
        self._number = 0
        self._pages: dict[str, set[Page]] = {}  # by staff number
        self._told: dict[str, OwnState | None] = {}  # as last told, of agents with pages
        self._gone: list[Callable[[Page], None]] = []
        self._end_watch: Callable[[], None] | None = None
        self._look_at: asyncio.TimerHandle | None = None
        floor.on_tell(self._tell)

    def state(self, agent: str) -> OwnState | None:
        """Return an agent's own state now; None: the floor's tables do not have this agent."""
        self._number += 1
        return self._look().state(agent, self._run, self._number)

    def pages(self, agent: str) -> frozenset[Page]:
        """Return an agent's open pages."""
        return frozenset(self._pages.get(agent, ()))

    def on_gone(self, ear: Callable[[Page], None]) -> None:
        """Call `ear(page)` when a page is no longer open."""
        self._gone.append(ear)

    async def listen(
        self,
        agent: str,
        session_id: str,
        language: str,
        tab: str = "",
        still_signed_in: Callable[[], Awaitable[bool]] | None = None,
    ) -> AsyncIterator[bytes]:
        """Yield messages as they go over the line, the state first, until either side ends it."""
        page = Page(agent, session_id, tab, language)
        self._add(page)
        try:
            yield b"retry: 1000\n\n" + _message("state", self._first(agent))
            loop = asyncio.get_running_loop()
            asked = loop.time()
            while not page.over:
                try:
                    async with asyncio.timeout(QUIET):
                        await page.news.wait()
                except TimeoutError:
                    page.tell(_message("ping", {}))
                if loop.time() - asked >= QUIET and still_signed_in is not None:
                    asked = loop.time()
                    if not await still_signed_in():
                        page.tell(_message("session", {"why": ENDED}), last=True)
                yield page.take()
        finally:
            self._remove(page)

    def session_over(self, session_id: str) -> None:
        """A session ended or was revoked: its pages are told at once."""
        for page in [page for pages in self._pages.values() for page in pages]:
            if page.session_id == session_id:
                page.tell(_message("session", {"why": ENDED}), last=True)

    def tell_news(self, agent: str, kind: str) -> None:
        """Tell an agent's pages that something changed which they may ask for; nothing else is told."""
        message = _message(kind, {})
        for page in self._pages.get(agent, ()):
            if message not in page.notices:
                page.tell(message)

    def tell_of_phone(self, page: Page, why: str) -> None:
        """Tell a page what became of the agent's phone: TAKEN_OVER or PHONE_FREE."""
        page.tell(_message("session", {"why": why}))

    def close(self) -> None:
        """End all connections: the service stops."""
        for page in [page for pages in self._pages.values() for page in pages]:
            page.over = True
            page.news.set()

    def __len__(self) -> int:
        """Return how many pages are open."""
        return sum(len(pages) for pages in self._pages.values())

    def _add(self, page: Page) -> None:
        self._pages.setdefault(page.agent, set()).add(page)
        if self._end_watch is None:
            self._end_watch = self._floor.watch(self._changed)

    def _remove(self, page: Page) -> None:
        pages = self._pages[page.agent]
        pages.discard(page)
        for ear in self._gone:
            ear(page)
        if pages:
            return
        del self._pages[page.agent]
        self._told.pop(page.agent, None)
        if not self._pages and self._end_watch is not None:
            self._end_watch()
            self._end_watch = None
            if self._look_at is not None:
                self._look_at.cancel()
                self._look_at = None

    def _first(self, agent: str) -> OwnState | None:
        state = self.state(agent)
        self._told.setdefault(agent, state)
        return state

    def _look(self) -> FloorLook:
        return FloorLook.of(self._floor.agents(), self._floor.talks())

    def _changed(self) -> None:
        if self._look_at is None:
            self._look_at = asyncio.get_running_loop().call_later(COALESCE, self._compare)

    def _compare(self) -> None:
        """Look once, and tell the pages of every agent whose state is another one."""
        self._look_at = None
        look = self._look()
        for agent, pages in self._pages.items():
            state = look.state(agent, self._run, self._number + 1)
            if not tells_news(self._told.get(agent), state):
                continue
            self._number += 1
            self._told[agent] = state
            message = _message("state", state)
            for page in pages:
                page.tell_state(message)

    def _tell(self, agent: str, word: str) -> None:
        for page in self._pages.get(agent, ()):
            text = staff_messages().text(TOLD, word, page.language)
            page.tell(_message("told", {"word": word, "text": text}))


def _message(kind: str, content: object) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + msgspec.json.encode(content) + b"\n\n"
