"""A day of work through the API: every operation is granted at least once, in an order that makes sense."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import pyotp

from desk.branches import load_branches
from domain.ids import new_id
from domain.staff import StaffRole
from tests.web.card_doubles import held_of
from tests.web.matter_day import disposed, proved_by_code, watched
from tests.web.outbound_day import between_calls, in_the_call
from tests.web.page_parts import CALL, COLLEAGUE, OWN
from tests.web.whole_pages import PASSWORD, WAITING, WholePages

Content = Any  # of an answer, JSON


class Ask(Protocol):
    """Asks an operation that has to be granted; its answer is held against the description."""

    def __call__(
        self, who: str, operation: str, body: Any = None, query: Mapping[str, Any] | None = None, **ids: str
    ) -> Content: ...


@dataclass(slots=True)
class Day:
    """What the parts of the day share."""

    world: WholePages
    ask: Ask

    def goes_by(self) -> None:
        self.everybody_looks()
        self.proves()
        self.notes()
        self.opens_matters()
        self.works_on_matters()
        self.promises()
        self.floor()
        self.accounts()
        self.people()
        self.own_account()
        self.outbound()

    def everybody_looks(self) -> None:
        for operation in ("GET /healthz", "GET /readyz"):
            self.ask("", operation)
        for operation in (
            "GET /api/session", "GET /api/desk", "GET /api/desk/targets", "GET /api/desk/figures",
            "GET /api/desk/reminders", "GET /api/desk/phone/choice", "GET /api/notes/safe",
        ):  # fmt: skip
            self.ask("agent", operation)
        for operation in ("GET /api/calls", "GET /api/status"):
            self.ask("supervisor", operation)
        for operation in ("agents", "queues", "talks"):
            self.ask("team_leader", f"GET /api/floor/{operation}")
        self.ask("planner", "GET /api/floor/explain/{call_id}", call_id=WAITING)
        self.ask("auditor", "GET /api/audit")
        self.ask("agent", "POST /api/spelling", {"code": "1B2DF67K42NQLN7D"})
        self.ask("", "POST /api/language", {"language": "id"})

    def proves(self) -> None:
        """Climb the ladder to its top, step by step as the form says."""
        person = self.world.person
        proof, held = "/api/calls/{call_id}/proof", held_of(person)
        self._of_call("GET", "/card")
        view = self._of_call("GET", "/proof")
        self._of_call("POST", "/proof/npwp", {"name": person.taxpayer.name})
        view = self._of_call("POST", "/proof/service", {"service": "data_change"})
        for _ in range(12):
            step = view["next"]["step"]
            if step == "receiver":
                view = self.ask("agent", f"POST {proof}/receiver", {"relation": "self"}, call_id=CALL)
            elif step == "item":
                item = view["next"]["item"]
                body = {"item": item, "answer": held[item]}
                view = self.ask("agent", f"POST {proof}/items", body, call_id=CALL)
            else:
                break
        assert view["rung"] == "full", view
        assert self._of_call("GET", "/card")["taxpayer"]

    def notes(self) -> None:
        script = self._of_call("GET", "/script")
        tick = {"script": script["name"], "step": script["steps"][0]["key"]}
        self._of_call("POST", "/script/ticks", tick)
        form = self._of_call("GET", "/note")
        assert form
        draft, note = {"note_id": new_id(), "question": "Lupa EFIN"}, "/note/draft"
        self._of_call("PUT", note, draft)
        self._of_call("GET", note)
        self.ask("agent", "GET /api/notes/drafts")
        self._of_call("DELETE", note, {"version": 1})
        branch = next(iter(load_branches().branches.values()))
        written = {
            "branch": branch.key, "category": next(iter(branch.categories)), "result": "resolved",
            "caller": "Ibu Kenanga", "question": "Lupa EFIN", "answer": "Dikirim",
        }  # fmt: skip
        kept = self._of_call("POST", "/notes", {**written, "note_id": new_id()})
        note_id = _found(kept, "note_id")
        self.ask("agent", "PUT /api/notes/{note_id}", {**written, "version": 1}, note_id=note_id)
        self._of_call("GET", "/notes")
        self.ask("agent", "GET /api/notes")
        self.ask("supervisor", "GET /api/notes/{note_id}", note_id=note_id)
        self.ask("supervisor", "POST /api/notes/search", {"words": "EFIN", "purpose": "supervision"})

    def opens_matters(self) -> None:
        number = "628110000123"
        self._of_call("GET", "/matters/form", query={"kind": "case", "topic": "data_change"})
        case = {"type": "non_effective", "fields": {
            "ne_reason": "abroad", "contact": number, "contact_name": "Contoh Pemohon",
        }}  # fmt: skip
        complaint = {"kind": "service", "fields": {
            "reporter": "Contoh Pelapor", "contact": number, "what": "Antrean dua jam",
        }}  # fmt: skip
        proved_by_code(self.ask)
        self._of_call("POST", "/cases", {**case, "proof": "otp"})
        self._of_call("POST", "/complaints", complaint)
        data = {"fields": {"email": "baru@contoh.example", "mobile": number}}
        self._of_call("POST", "/data-requests", data)
        day = self._working_day()
        promise = {
            "number": f"+{number}", "confirmed": True, "name": "Contoh Penelepon", "about": "Jawaban",
            "zone": "wib", "day": day, "clock": "11:00",
        }  # fmt: skip
        self._of_call("POST", "/promises", promise)
        self._of_call("GET", "/matters")

    def works_on_matters(self) -> None:
        listed = self.ask("supervisor", "GET /api/matters")["matters"]
        case = next(one for one in listed if one["kind"] == "case")
        self.ask("agent", "POST /api/matters/find", {"code": case["code"]})
        complaint = next(one for one in listed if one["kind"] == "complaint")["matter_id"]
        case_id = case["matter_id"]
        self.ask("supervisor", "GET /api/matters/{matter_id}", matter_id=case_id)
        assign = {"version": 1, "to": self.world.people[StaffRole.AGENT].staff_id}
        self.ask("supervisor", "POST /api/matters/{matter_id}/assign", assign, matter_id=case_id)
        self.ask("agent", "POST /api/matters/{matter_id}/take", {"version": 2}, matter_id=case_id)
        step = {"version": 3, "event": "finish", "note": "selesai", "tell": "told"}
        self.ask("agent", "POST /api/matters/{matter_id}/step", step, matter_id=case_id)
        more = {"version": 1, "fields": {"unit": "KPP Contoh"}}
        self.ask("supervisor", "POST /api/matters/{matter_id}/complete", more, matter_id=complaint)
        disposed(self.ask, complaint, 2)
        watched(self.ask)

    def promises(self) -> None:
        promise = _found(self.ask("agent", "GET /api/promises"), "matter_id")
        self.ask("agent", "GET /api/promises/{matter_id}", matter_id=promise)
        taken = self.ask("agent", "POST /api/promises/{matter_id}/take", {"version": 1}, matter_id=promise)
        step = {"version": 2, "event": taken["events"][0]["name"], "note": "sudah dijawab"}
        self.ask("agent", "POST /api/promises/{matter_id}/step", step, matter_id=promise)

    def floor(self) -> None:
        pause = {"request": "pause", "agent": COLLEAGUE, "reason": "coaching"}
        self.ask("supervisor", "POST /api/floor/requests", pause)
        self.ask("agent", "POST /api/desk/requests", {"request": "hold"})
        self.ask("agent", "POST /api/desk/requests", {"request": "unhold"})
        self.ask("agent", "PUT /api/desk/sign-in", {"account": ""})
        self.ask("agent", "POST /api/desk/tab", {"tab": "a" * 32})
        self.ask("supervisor", "POST /api/line/close")
        self.ask("administrator", "POST /api/line/open")

    def accounts(self) -> None:
        self.ask("agent", "POST /api/desk/phone")
        made = self.ask("administrator", "POST /api/floor/accounts", {"agent": OWN, "kind": "desk"})
        self.ask("agent", "PUT /api/desk/phone/choice", {"choice": "browser"})
        self.ask("administrator", "GET /api/floor/accounts")
        self.ask("administrator", "POST /api/floor/accounts/revoke", {"account": made["account"]})

    def people(self) -> None:
        sari = {"user_name": "sari", "display_name": "Sari Contoh", "roles": ["quality"]}
        self.ask("administrator", "POST /api/staff", sari)
        listed = self.ask("administrator", "GET /api/staff")["staff"]
        sari_id = next(one["staff_id"] for one in listed if one["user_name"] == "sari")
        ask: Callable[..., Content] = self.ask
        ask("administrator", "GET /api/staff/{staff_id}", staff_id=sari_id)
        ask("administrator", "POST /api/staff/{staff_id}", {**sari, "team": "beta"}, staff_id=sari_id)
        for deed in ("reset", "disable", "enable", "end-sessions"):
            ask("administrator", f"POST /api/staff/{{staff_id}}/{deed}", staff_id=sari_id)
        ask("auditor", "GET /api/staff-changes")
        rows = ask("auditor", "GET /api/staff/{staff_id}/changes", staff_id=sari_id)["rows"]
        team = next(row for row in rows if row["act"] == "changed")
        undo = "POST /api/staff-changes/{number}/undo"
        ask("administrator", undo, {"why": "keliru"}, number=str(team["number"]))

    def own_account(self) -> None:
        """Get an authenticator, sign in with it, change the password, leave."""
        secret = self.ask("auditor", "POST /api/account/code", {"password": PASSWORD})["secret"]
        code = {"code": pyotp.TOTP(secret).at(self.world.clock.now())}
        self.ask("auditor", "POST /api/account/code/confirm", code)
        codes = self.ask("auditor", "POST /api/account/recovery-codes", {"password": PASSWORD})["codes"]
        asked = self.ask("", "POST /api/sign-in", {"user_name": "auditor1", "password": PASSWORD})
        self.ask("", "POST /api/sign-in/code", {"token": asked["token"], "code": codes[0]})
        self.ask("auditor", "POST /api/account/code/end", {"password": PASSWORD})
        here = self.ask("auditor", "GET /api/account/sessions")["sessions"]
        end = "POST /api/account/sessions/{session_id}/end"
        self.ask("auditor", end, session_id=next(one for one in here if not one["here"])["session_id"])
        self.ask("auditor", "POST /api/account/sessions/end-others")
        new = "kambing hitam makan rujak"
        self.ask("auditor", "POST /api/account/password", {"old": PASSWORD, "new": new, "again": new})
        self.ask("auditor", "POST /api/sign-out")

    def outbound(self) -> None:
        """Settle the contact's call, and take the next ones of the campaign."""
        in_the_call(self.ask, CALL)
        self._of_call("POST", "/proof/close", {"why": "refused"})
        for request in ("end_call", "ready"):
            self.ask("agent", "POST /api/desk/requests", {"request": request})
        between_calls(self.ask)

    def _of_call(self, method: str, what: str, body: Any = None, query: Any = None) -> Content:
        return self.ask("agent", f"{method} /api/calls/{{call_id}}{what}", body, query, call_id=CALL)

    def _working_day(self) -> str:
        day = self.world.clock.now() + timedelta(days=2)
        while not self.world.works(day.date()):
            day += timedelta(days=1)
        return day.date().isoformat()


def _found(content: Content, name: str) -> str:
    """Return the first value of this name, at any depth."""
    if isinstance(content, dict):
        if isinstance(content.get(name), str):
            return str(content[name])
        content = list(content.values())
    for one in content if isinstance(content, list) else ():
        if found := _found(one, name):
            return found
    return ""
