"""A campaign manager's day through the API: every operation of lists and campaigns is granted once."""

import asyncio
from typing import Any

from desk.working_days import office_day
from dialer.imports import Imports
from domain.clock import Clock
from domain.staff import StaffRole
from tests.web.api_contract import Contract
from tests.web.campaign_stage import plain
from tests.web.campaign_world import FILE, NPWP

UPLOADS, LIST, CAMPAIGN = (
    "/api/lists/uploads/{upload_id}",
    "/api/lists/{list_id}",
    "/api/campaigns/{campaign_id}",
)
MANAGER, CHIEF = StaffRole.CAMPAIGN_MANAGER.value, StaffRole.SUPERVISOR.value
LEFT_OUT = {
    f"GET {CAMPAIGN}/events": "a stream that never ends; held by tests/web/test_campaign_live.py",
    f"POST {LIST}/cancel": "a file is read faster than anybody breaks it off; held by test_list_routes.py",
}


def campaign_day(contract: Contract, imports: Imports, clock: Clock) -> None:
    """Ask for everything in an order that makes sense. The manager and the supervisor are two persons."""
    _work(contract, _load(contract, imports, clock))
    feed = f"npwp,kind,period,date\n{NPWP},filed,2025,2026-03-01\n".encode()
    upload_id = _send_file(contract, feed)
    contract.grant(MANAGER, "POST /api/outcomes", {"upload_id": upload_id, "source": "contoh"})


def _send_file(contract: Contract, content: bytes = FILE) -> str:
    """Send a file, which no JSON can; return its id."""
    body = {"kind": "csv", "size": len(content)}
    upload_id = str(contract.grant(MANAGER, "POST /api/lists/uploads", body)["upload_id"])
    piece = contract.operations[f"PUT {UPLOADS}/pieces"].Case(
        path_parameters={"upload_id": upload_id},
        query={"at": 0},
        body=content,
        media_type="application/octet-stream",
    )
    assert contract.ask(piece, MANAGER).status_code == 200
    return upload_id


def _load(contract: Contract, imports: Imports, clock: Clock) -> str:
    dropped = _send_file(contract)
    contract.grant(MANAGER, f"GET {UPLOADS}", upload_id=dropped)
    contract.grant(MANAGER, f"DELETE {UPLOADS}", upload_id=dropped)
    upload_id = _send_file(contract)
    found = contract.grant(MANAGER, f"POST {UPLOADS}/inspect", {"source": "contoh"}, upload_id=upload_id)
    names = ("header", "role", "name", "required")
    today = office_day(clock.now()).isoformat()
    body: dict[str, Any] = {
        "upload_id": upload_id,
        "title": "Contoh",
        "requester": "region_on_request",
        "unit": "Kanwil",
        "order_number": "ND-7",
        "legal_basis": "Contoh",
        "cut_off": today,
        "expires_on": today,
        "source": "contoh",
        "columns": [{name: one[name] for name in names} for one in found["columns"]],
    }
    list_id = str(contract.grant(MANAGER, "POST /api/lists", body)["list_id"])
    contract.runner.run(_read(imports, list_id))
    return list_id


async def _read(imports: Imports, list_id: str) -> None:
    async with asyncio.timeout(60):
        while (await imports.progress(list_id)).state == "loading":
            await asyncio.sleep(0.05)


def _work(contract: Contract, list_id: str) -> None:
    grant = contract.grant
    for operation in (f"GET {LIST}", f"GET {LIST}/refused", f"GET {LIST}/refused/file"):
        grant(MANAGER, operation, list_id=list_id)
    grant(CHIEF, f"POST {LIST}/approve", list_id=list_id)
    made = grant(MANAGER, "POST /api/campaigns", plain())
    one = {"campaign_id": made["overview"]["campaign_id"]}
    grant(MANAGER, f"POST {CAMPAIGN}", {**plain(title="Lain"), "version": 1}, **one)
    grant(MANAGER, f"POST {CAMPAIGN}/copy", {"title": "Salinan"}, **one)
    grant(MANAGER, f"POST {CAMPAIGN}/lists", {"list_id": list_id}, **one)
    pacing = {"pacing": "predictive", "most_lines": "9", "abandon_limit": "0.02", "priority": "1"}
    grant(CHIEF, f"POST {CAMPAIGN}/pacing", {**pacing, "version": 2}, **one)
    for act in ("start", "pause", "stop"):
        grant(CHIEF, f"POST {CAMPAIGN}/{act}", **one)
    grant(MANAGER, f"POST {CAMPAIGN}/why", {"npwp": NPWP}, **one)
    grant(CHIEF, f"POST {CAMPAIGN}/dry-run", **one)
    for page in ("", "/dry-run", "/live", "/results", "/results/file"):
        grant(MANAGER, f"GET {CAMPAIGN}{page}", **one)
    for page in ("/api/lists", "/api/campaigns", "/api/outbound/switch"):
        grant(MANAGER, f"GET {page}")
    grant(CHIEF, "POST /api/outbound/switch/throw", {"reason": "Gangguan"})
    grant(CHIEF, "POST /api/outbound/switch/lift", {"reason": "Pulih"})
    grant(CHIEF, f"POST {CAMPAIGN}/finish", **one)
    grant(CHIEF, f"POST {LIST}/withdraw", list_id=list_id)
    contract.known["campaign_id"] = [one["campaign_id"]]
    contract.known.setdefault("list_id", []).append(list_id)
