"""The calls inside, as their cards need them: what is not durable yet is in memory."""

from desk.card import LiveCall
from ivr.switchboard import Switchboard


class LiveStories:
    """A `desk.card.LiveCalls` over the switchboard."""

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard

    def live(self, call_id: str) -> LiveCall | None:
        """Return a call that is inside, or None."""
        for driver in self._switchboard.inside():
            if driver.call.call_id == call_id:
                session = driver.session
                return LiveCall(
                    call_id=call_id,
                    dialled=driver.call.dialled,
                    started_at=driver.call.started_at,
                    language=session.language,
                    step=session.step or "",
                    queue="" if session.line is None else session.line.queue,
                    facts=dict(session.facts),
                )
        return None
