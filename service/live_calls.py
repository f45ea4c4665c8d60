"""The calls inside, as the pages show them: without anything personal."""

from ivr.switchboard import Switchboard
from web.operations import LiveCall


def live_calls(switchboard: Switchboard) -> list[LiveCall]:
    """Return every call inside."""
    found = []
    for driver in switchboard.inside():
        session = driver.session
        flow, _, step = (session.step or "-.-").partition(".")
        room = session.outstanding().room
        queue = room.queue if room is not None else None
        call = driver.call
        found.append(LiveCall(call.call_id, call.started_at, flow, step, session.language, queue))
    return found
