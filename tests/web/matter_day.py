"""The office's work on matters in a day of the whole application."""

from typing import Any, Protocol

from tests.web.page_parts import CALL

LEFT_OUT = {
    "POST /api/matter-work/callbacks": "there is no dialer here; held by tests/web/test_matter_office.py",
    **dict.fromkeys(
        (
            "GET /api/unit-complaints/{matter_id}",
            "POST /api/unit-complaints/{matter_id}/referrals/{number}/answer",
            "POST /api/unit-complaints/{matter_id}/step",
        ),
        "nobody here is of a unit; held by tests/web/test_matter_own_units.py",
    ),
}


class Ask(Protocol):
    """Asks an operation that has to be granted."""

    def __call__(self, who: str, operation: str, body: Any = None, query: Any = None, **ids: str) -> Any: ...


def proved_by_code(ask: Ask) -> None:
    """Ask for a code in the call, and tell it."""
    codes = "/api/calls/{call_id}/code-proofs"
    [asked] = ask("agent", f"POST {codes}", {"means": "otp"}, call_id=CALL)["proofs"]
    told = {"answer": asked["shown"]}
    tried = ask("agent", f"POST {codes}/{{proof_id}}", told, call_id=CALL, proof_id=asked["proof_id"])
    assert tried["proofs"][0]["outcome"] == "valid"
    assert ask("agent", f"GET {codes}", call_id=CALL)["proofs"]


def disposed(ask: Ask, complaint: str, version: int) -> None:
    """Send a complaint to two units: one answers, the other is not asked any more."""
    sent = "POST /api/matters/{matter_id}/referrals"
    for unit, end in (("kitsda", "answer"), ("gakkum", "recall")):
        asked = {"version": version, "to_unit": unit, "note": "Mohon tanggapan"}
        detail = ask("supervisor", sent, asked, matter_id=complaint)
        number = str(detail["referrals"][-1]["number"])
        told = {"version": version + 1, "note": "Selesai"}
        ask("supervisor", f"{sent}/{{number}}/{end}", told, matter_id=complaint, number=number)
        version += 2


def watched(ask: Ask) -> None:
    """Look at clocks, loads and statistics, and give out what nobody has."""
    for what in ("signals", "bell"):
        ask("agent", f"GET /api/matter-work/{what}")
    ask("agent", "POST /api/matter-work/signals/seen", {"signals": []})
    ask("unit", "GET /api/unit-complaints")
    for what in ("workload", "statistics", "callbacks"):
        ask("supervisor", f"GET /api/matter-work/{what}")
    ask("supervisor", "POST /api/matter-work/spread", {"kind": "complaint"})
