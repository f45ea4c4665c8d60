"""Administrators, planners and who reads reports, through the API: every operation of theirs is granted."""

from tests.web.api_contract import Contract

LEFT_OUT = {
    "GET /api/report-runs/{run_id}/files/{form}": (
        "a process of its own makes the file first; held by tests/web/test_report_routes.py"
    ),
    "POST /api/prompt-sounds": "takes a recording, no JSON; held by tests/web/test_prompt_changes.py",
    "POST /api/prompt-sounds/rendered": "needs the voice; held by tests/web/test_prompt_changes.py",
}


def steering_day(contract: Contract) -> None:
    """Ask for everything in an order that makes sense: it is Tuesday, 3 June 2025."""
    _settings(contract)
    _prompts(contract)
    _reports(contract)
    _plans(contract)


def _settings(contract: Contract) -> None:
    ask = contract.grant
    contract.known["kind"] = ["days"]
    ask("supervisor", "GET /api/config")
    ask("auditor", "GET /api/prompts")
    days = ask("administrator", "GET /api/config/{kind}", kind="days")
    body = {"text": days["text"], "based_on": days["based_on"]}
    ask("administrator", "POST /api/config/{kind}/check", body, kind="days")
    table = ask("administrator", "GET /api/config/{kind}", kind="desk_promises")
    body = {"text": table["text"] + "\n# contoh\n", "based_on": table["based_on"], "why": "contoh"}
    change = ask("administrator", "POST /api/config/{kind}", body, kind="desk_promises")
    number = str(change["number"])
    ask("auditor", "GET /api/config-changes")
    ask("auditor", "GET /api/config-changes/{number}", number=number)
    ask("supervisor", "GET /api/config-changes/{number}/undo", number=number)
    ask("administrator", "POST /api/config-changes/{number}/undo", {"why": "keliru"}, number=number)


def _prompts(contract: Contract) -> None:
    """Callers hear each language's audio in the other's place, then the product's again."""
    ask, name = contract.grant, "announce_busy"
    contract.known["name"] = [name]
    found = ask("auditor", "GET /api/prompts/{name}", name=name)
    body = found["shipped"]
    look = ask("supervisor", "POST /api/prompts/{name}/check", body, name=name)
    body |= {"sounds": [one["digest"] for one in look["after"]["pieces"]][::-1], "based_on": 0, "why": "ND-7"}
    number = ask("supervisor", "POST /api/prompts/{name}", body, name=name)["number"]
    undo = {"why": "keliru"}
    change = ask("administrator", "POST /api/prompt-changes/{number}/undo", undo, number=str(number))
    back = ask("supervisor", "POST /api/prompts/{name}", {**body, "based_on": change["number"]}, name=name)
    last = {"based_on": back["number"], "why": ""}
    ask("supervisor", "POST /api/prompts/{name}/restore", last, name=name)
    ask("auditor", "GET /api/prompt-changes", query={"prompt": name})


def _reports(contract: Contract) -> None:
    ask = contract.grant
    body = {"title": "Harian", "code": "harian", "figures": ["aht"], "by": ["queue"]}
    report = ask("supervisor", "POST /api/reports", body)["report_id"]
    gone = ask("supervisor", "POST /api/reports", {**body, "code": "lain"})["report_id"]
    contract.known["report_id"] = [report]
    ask("supervisor", "POST /api/reports/{report_id}", {**body, "version": 1}, report_id=report)
    ask("planner", "GET /api/reports")
    ask("planner", "GET /api/reports/{report_id}", report_id=report)
    ask("planner", "GET /api/reports/{report_id}/document", report_id=report)
    ask("planner", "GET /api/reports/{report_id}/file", query={"form": "csv"}, report_id=report)
    run = ask("supervisor", "POST /api/reports/{report_id}/run", {}, report_id=report)["run_id"]
    contract.known["run_id"] = [run]
    ask("planner", "GET /api/reports/{report_id}/runs", report_id=report)
    ask("planner", "GET /api/report-runs/{run_id}", run_id=run)
    ask("supervisor", "POST /api/reports/{report_id}/remove", {"version": 1}, report_id=gone)


def _plans(contract: Contract) -> None:
    ask = contract.grant
    body = {"first": "2025-06-10", "last": "2025-06-11", "calls": "300", "handle": "240"}
    plan = ask("planner", "POST /api/plans", body)["plan_id"]
    contract.known["plan_id"] = [*contract.known.get("plan_id", []), plan]
    ask("planner", "GET /api/plans")
    ask("planner", "GET /api/plans/{plan_id}", plan_id=plan)
    ask("planner", "GET /api/plans/{plan_id}/days/{day}", plan_id=plan, day="2025-06-10")
    ask("planner", "GET /api/plans/{plan_id}/cover", plan_id=plan)
    ask("planner", "GET /api/plans/{plan_id}/cover/{day}", plan_id=plan, day="2025-06-10")
    change = {"name": "volume", "value": 120}
    ask("supervisor", "POST /api/plans/{plan_id}/keep", {"name": "Contoh"}, plan_id=plan)
    ask("planner", "POST /api/plans/{plan_id}/what-if", change, plan_id=plan)
    ask("planner", "POST /api/plans/{plan_id}/simulate", {"day": "2025-06-10"}, plan_id=plan)
    ask("planner", "GET /api/plans/{plan_id}/file", plan_id=plan)
    ask("planner", "POST /api/plans/{plan_id}/put-away", plan_id=plan)
