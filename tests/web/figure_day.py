"""Supervisors through the API: every operation of figures is granted."""

from tests.web.api_contract import Contract

LEFT_OUT = {"POST /api/figures/channels": "takes a file; held by tests/web/test_figure_channels.py"}


def figure_day(contract: Contract) -> None:
    """Ask for everything that figures tell."""
    ask = contract.grant
    days = {"since": "2025-06-02", "until": "2025-06-03"}
    ask("supervisor", "GET /api/figures", query={**days, "by": "team", "compare": "before"})
    ask("team_leader", "GET /api/figures", query={**days, "interval": "30min"})
    ask("planner", "GET /api/figures/week", query={**days, "figure": "incoming"})
    ask("supervisor", "GET /api/figures/calls", query={**days, "count": "incoming"})
    ask("supervisor", "GET /api/figures/check", query=days)
    ask("supervisor", "GET /api/figures/file", query={**days, "file": "csv"})
    ask("quality_lead", "GET /api/figures/definitions")
    ask("planner", "GET /api/figures/channels")
