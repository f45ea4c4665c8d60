"""Planners, agents and supervisors through the API: every operation of schedules is granted."""

from domain.staff import StaffRole
from tests.web.api_contract import Contract
from tests.web.whole_pages import WholePages

LEFT_OUT = {"POST /api/schedules/import": "takes a file; held by tests/web/test_schedule_pages.py"}


def schedule_day(contract: Contract, world: WholePages) -> None:
    """Ask for everything in an order that makes sense: it is Tuesday, 3 June 2025."""
    ask, agent = contract.grant, world.people[StaffRole.AGENT].staff_id
    days = {"first": "2025-06-02", "last": "2025-06-04"}
    make = {**days, "pattern": "line", "place": "jakarta", "staff_ids": [agent], "keep": True}
    ask("planner", "POST /api/schedules/make", make)
    piece = {"staff_id": agent, "day": "2025-06-04", "activity": "coaching"}
    ask("planner", "POST /api/schedules/pieces", {**piece, "begins": "14:00", "ends": "14:30"})
    exempt = {"staff_id": agent, "first": "2025-06-04", "last": "2025-06-04", "reason": "leave"}
    ask("planner", "POST /api/schedules/exceptions", exempt)
    ask("supervisor", "GET /api/schedules", query={"day": "2025-06-03"})
    ask("team_leader", "GET /api/schedules/range", query=days)
    ask("planner", "GET /api/schedules/file", query=days)
    seen = ask("planner", "GET /api/schedules/agents/{staff_id}", query=days, staff_id=agent)
    exception_id = seen["exceptions"][0]["exception_id"]
    path = "POST /api/schedules/exceptions/{exception_id}/take-back"
    ask("planner", path, {}, exception_id=exception_id)
    contract.known["exception_id"] = [exception_id]
    asked = {"day": "2025-06-02", "reason": "late_arrival", "ends": "09:00", "note": "macet"}
    first = ask("agent", "POST /api/offline", asked)["request_id"]
    ask("agent", "POST /api/offline/{request_id}/withdraw", {"version": 1}, request_id=first)
    other = ask("agent", "POST /api/offline", asked)["request_id"]
    contract.known.setdefault("request_id", []).extend([first, other])
    ask("supervisor", "GET /api/offline/waiting")
    ask("agent", "GET /api/offline/mine")
    ask("supervisor", "GET /api/offline")
    ask("supervisor", "GET /api/offline/{request_id}", request_id=other)
    decide = {"version": 1, "event": "approve", "note": ""}
    ask("supervisor", "POST /api/offline/{request_id}/decide", decide, request_id=other)
    ask("planner", "POST /api/schedules/removals", {"staff_id": agent, "day": "2025-06-04"})
