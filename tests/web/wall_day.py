"""Supervisors through the API: every operation of the wallboard is granted."""

from datetime import timedelta

from tests.web.api_contract import Contract
from tests.web.whole_pages import WholePages

LEFT_OUT = {"GET /api/wall/events": "a stream that never ends; held by tests/web/test_wall_routes.py"}


def wall_day(contract: Contract, world: WholePages) -> None:
    """Ask for everything in an order that makes sense."""
    ask = contract.grant
    for operation in ("", "/roster", "/thresholds", "/announcements"):
        ask("planner", f"GET /api/wall{operation}")
    threshold = {"measure": "waiting", "queue": "efin", "warn": 3, "alarm": 9}
    ask("supervisor", "PUT /api/wall/thresholds", threshold)
    ask("supervisor", "POST /api/wall/messages", {"audience": "all", "text": "Rapat pukul 14.00"})
    ask("team_leader", "GET /api/wall/messages")
    (message,) = ask("agent", "GET /api/desk/messages")["messages"]
    contract.known["message_id"] = [message["message_id"]]
    path = "POST /api/desk/messages/{message_id}/acknowledge"
    ask("agent", path, message_id=message["message_id"])
    ends = (world.clock.now() + timedelta(hours=1)).isoformat()
    body = {"prompt": "announce_busy", "ends": ends}
    (one,) = ask("supervisor", "POST /api/wall/announcements", body)["announcements"]
    contract.known["announcement_id"] = [one["announcement_id"]]
    path = "POST /api/wall/announcements/{announcement_id}/end"
    ask("supervisor", path, announcement_id=one["announcement_id"])
