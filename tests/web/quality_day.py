"""Reviewers, agents and SPV PKL through the API: every operation of recordings and scores is granted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from desk.working_days import office_day
from domain.staff import StaffRole
from recording.quality.appeals import OVER
from recording.recordings import AlarmKind
from service.person_process import PersonAnswer, PersonJob
from tests.web.api_contract import Contract
from tests.web.page_parts import CALL, COLLEAGUE, OWN
from tests.web.recorded_calls import RecordedCalls
from tests.web.whole_pages import WholePages

REVIEWER, LEAD, AGENT = StaffRole.QUALITY.value, StaffRole.QUALITY_LEAD.value, StaffRole.AGENT.value
LEADER, CHIEF, PRIVACY = (
    StaffRole.TEAM_LEADER.value,
    StaffRole.SUPERVISOR.value,
    StaffRole.PRIVACY_OFFICER.value,
)
SECOND, THIRD = "quality_2", "quality_3"
RECORDING, WATCH, PERSONS = "/api/recordings/{recording_id}", "/api/recording-watch", "/api/person-requests"
LEFT_OUT = {
    "POST /api/calls/{call_id}/recording/start": "needs Asterisk; held by tests/web/test_talk_recording.py",
    f"GET {PERSONS}/{{request_id}}/bundle": "a process makes it; held by tests/web/test_person_pages.py",
}


def quality_day(contract: Contract, world: WholePages) -> None:
    """Ask for everything in an order that makes sense."""
    calls = RecordedCalls(world)
    agents = (OWN, OWN, COLLEAGUE, OWN, OWN, COLLEAGUE)
    ids = [contract.runner.run(calls.stopped(agent)).recording_id for agent in agents]
    assert contract.runner.run(calls.seal()) == len(ids)
    contract.runner.run(calls.index())
    contract.known["recording_id"] = ids
    day = _QualityDay(contract, world, ids)
    day.talk()
    day.finds()
    day.plans()
    day.listens()
    day.downloads()
    day.scores()
    day.forms()
    day.appeals()
    day.compiled()
    day.calibrates()
    day.coaches()
    day.watches()
    day.persons()


@dataclass(slots=True)
class _QualityDay:
    contract: Contract
    world: WholePages
    ids: list[str]
    first: str = ""  # score of the first recording
    other: str = ""  # of the second one

    def ask(
        self, who: str, operation: str, body: Any = None, query: Mapping[str, Any] | None = None, **ids: str
    ) -> Any:
        return self.contract.grant(who, operation, body, query, **ids)

    def staff_id(self, who: str) -> str:
        return self.world.visitors[who].staff.staff_id

    def talk(self) -> None:
        self.ask(AGENT, "GET /api/calls/{call_id}/recording", call_id=CALL)
        asked = {"on": True, "why": "proof"}
        self.ask(AGENT, "POST /api/calls/{call_id}/recording/silence", asked, call_id=CALL)

    def finds(self) -> None:
        found = self.ask(REVIEWER, "POST /api/recordings/search", {"since": "2025-06-01", "queues": "efin"})
        assert found["total"] == len(self.ids)
        saved = self.ask(REVIEWER, "POST /api/recordings/searches", {"name": "EFIN", "queues": "efin"})
        self.ask(REVIEWER, "GET /api/recordings/searches")
        one = "DELETE /api/recordings/searches/{search_id}"
        self.ask(REVIEWER, one, search_id=saved["search_id"])

    def plans(self) -> None:
        """Draw all, take one, let one go, skip one."""
        plan = {"name": "Harian", "every": "hand", "each": 0, "active": True}
        made = self.ask(LEAD, "POST /api/review/plans", plan)
        one = {"plan_id": made["plan_id"]}
        self.ask(LEAD, "PUT /api/review/plans/{plan_id}", {**plan, "name": "Semua", "version": 1}, **one)
        day = office_day(self.world.clock.now() - timedelta(hours=20)).isoformat()
        drawn = self.ask(LEAD, "POST /api/review/plans/{plan_id}/draws", {"day": day}, **one)
        assert drawn["taken"] == len(self.ids)
        self.ask(LEAD, "GET /api/review/plans")
        task = self.ask(REVIEWER, "POST /api/review/tasks/next")["task_id"]
        self.ask(REVIEWER, "POST /api/review/tasks/{task_id}/claim", task_id=task)
        given = {"reason": "no_time"}
        self.ask(REVIEWER, "POST /api/review/tasks/{task_id}/give-back", given, task_id=task)
        other = self.ask(SECOND, "POST /api/review/tasks/next")["task_id"]
        self.ask(SECOND, "POST /api/review/tasks/{task_id}/skip", {"reason": "too_short"}, task_id=other)
        self.ask(REVIEWER, "GET /api/review/tasks")

    def listens(self) -> None:
        one: dict[str, Any] = {"recording_id": self.ids[0]}
        begun = self.ask(REVIEWER, f"POST {RECORDING}/playbacks", {"purpose": "review"}, **one)
        playback = begun["playback_id"]
        self._sound(REVIEWER, f"GET {RECORDING}/sound", begun["address"], {"range": "bytes=0-999"}, one)
        self.ask(REVIEWER, f"GET {RECORDING}/peaks", query={"playback": playback}, **one)
        said = {"playback_id": playback, "from_s": 1.5, "text": "Salam pembuka lengkap"}
        self.ask(REVIEWER, f"POST {RECORDING}/comments", said, **one)
        listed = self.ask(REVIEWER, f"GET {RECORDING}/comments", query={"playback": playback}, **one)
        comment: dict[str, Any] = {"comment_id": listed["comments"][0]["comment_id"], **one}
        back = {"playback_id": playback}
        self.ask(REVIEWER, f"POST {RECORDING}/comments/{{comment_id}}/withdraw", back, **comment)
        self.ask(REVIEWER, "GET /rekaman/{recording_id}/konteks", query={"purpose": "review"}, **one)
        written = "GET /rekaman/{recording_id}/transkrip"
        self.ask(REVIEWER, written, query={"playback_id": playback}, **one)
        heard = f"POST {RECORDING}/playbacks/{{playback_id}}/heard"
        self.ask(REVIEWER, heard, {"parts": [[0, 3000]]}, playback_id=playback, **one)

    def downloads(self) -> None:
        one: dict[str, Any] = {"recording_id": self.ids[0]}
        asked = {"purpose": "complaint", "reason": "Pengaduan nomor 17"}
        link = self.ask(LEAD, f"POST {RECORDING}/downloads", asked, **one)
        self._sound(LEAD, f"GET {RECORDING}/download", link["address"], {}, one)

    def scores(self) -> None:
        """Score three calls, drop a draft; the agent reads and signs."""
        body = {"form": "inbound", "form_version": 1, "answers": {"accuracy": {"answer": "no", "note": "x"}}}
        self.ask(REVIEWER, "POST /api/scores/evaluate", body)
        self.ask(REVIEWER, "GET /api/scores/safe")
        self.first, self.other, _ = (self._scored(REVIEWER, one, "accuracy") for one in self.ids[:3])
        offered = self._offered(REVIEWER, self.ids[4])
        draft = {**body, "recording_id": self.ids[4], "summary": "Baru mulai"}
        dropped = {"score_id": offered["score_id"]}
        self.ask(REVIEWER, "PUT /api/scores/{score_id}/draft", draft, **dropped)
        self.ask(REVIEWER, "DELETE /api/scores/{score_id}/draft", **dropped)
        self.ask(AGENT, "GET /api/scores")
        self.ask(AGENT, "GET /api/scores/{score_id}", score_id=self.first)
        self.ask(AGENT, "POST /api/scores/{score_id}/sign", score_id=self.first)
        self.ask(LEADER, "GET /api/scores/file", query={"what": "scores", "file": "csv"})

    def forms(self) -> None:
        self.ask(LEAD, "GET /api/quality-forms")
        kept = self.ask(LEAD, "GET /api/quality-forms/{name}/{version}", name="inbound", version="1")
        text = kept["text"].replace("2019-01-01", "2026-01-01")
        changed = {"text": text, "why": "Nota dinas"}
        self.ask(LEAD, "POST /api/quality-forms/check", changed)
        assert self.ask(LEAD, "POST /api/quality-forms", changed)["kept"] == 2

    def appeals(self) -> None:
        """One goes to the arbiter, one is taken back."""
        one: dict[str, Any] = {"appeal_id": "a1" * 16}
        contested = [{"item": "accuracy", "reason": "Sesuai ketentuan", "places": [{"from_ms": 1000}]}]
        filed = {**one, "score_id": self.first, "contested": contested}
        view = self.ask(AGENT, "POST /api/appeals", filed)
        steps = (
            (LEADER, "review", {"event": "send_back", "note": "Kurang jelas"}),
            (AGENT, "complete", {"contested": contested}),
            (LEADER, "review", {"event": "endorse"}),
            (LEAD, "decide", {"event": "approve", "rescorer": self.staff_id(SECOND)}),
        )
        for who, step, body in steps:
            asked = {**body, "version": view["version"]}
            view = self.ask(who, f"POST /api/appeals/{{appeal_id}}/{step}", asked, **one)
        self._scored(SECOND, self.ids[0])
        view = self.ask(LEAD, "GET /api/appeals/{appeal_id}", **one)
        assert view["state"] == "arbitration"
        third = {"version": view["version"], "to": self.staff_id(THIRD)}
        self.ask(LEAD, "POST /api/appeals/{appeal_id}/assign", third, **one)
        self._scored(THIRD, self.ids[0])
        assert self.ask(AGENT, "GET /api/appeals/{appeal_id}", **one)["state"] in OVER
        again = {"appeal_id": "b2" * 16, "score_id": self.other, "contested": contested}
        self.ask(AGENT, "POST /api/appeals", again)
        back = {"version": 1, "note": "Tidak jadi"}
        self.ask(AGENT, "POST /api/appeals/{appeal_id}/withdraw", back, appeal_id="b2" * 16)
        for who in (AGENT, LEAD):
            self.ask(who, "GET /api/appeals")
        self.ask(LEAD, "GET /api/appeals/rates/overturned")

    def compiled(self) -> None:
        today = office_day(self.world.clock.now()).isoformat()
        days = {"why": "Server mati", "down_from": today, "down_until": today}
        one = {"list_id": self.ask(LEAD, "POST /api/compiled-lists", days)["list_id"]}
        self.contract.known.setdefault("list_id", []).append(one["list_id"])
        self.ask(AGENT, "POST /api/compiled-lists/{list_id}/receive", **one)
        whose = {"agent": self.staff_id("colleague")}
        got = self.ask(LEAD, "POST /api/compiled-lists/{list_id}/receipts", whose, **one)
        assert got["receipts"] == 2

    def calibrates(self) -> None:
        made = {
            "title": "Kalibrasi Juni", "form": "inbound", "due_on": "2025-06-20",
            "recordings": [self.ids[3]], "reviewers": [self.staff_id(who) for who in (REVIEWER, SECOND)],
        }  # fmt: skip
        one = {"round_id": self.ask(LEAD, "POST /api/calibrations", made)["round_id"]}
        for who, wrong in ((REVIEWER, "accuracy"), (SECOND, "closing")):
            self._scored(who, self.ids[3], wrong)
        self.ask(LEAD, "POST /api/calibrations/{round_id}/close", **one)
        said = {"text": "Hold terlalu pelan", "recording_id": self.ids[3]}
        self.ask(REVIEWER, "POST /api/calibrations/{round_id}/remarks", said, **one)
        assert self.ask(SECOND, "GET /api/calibrations/{round_id}", **one)["whole"]
        self.ask(REVIEWER, "GET /api/calibrations")

    def coaches(self) -> None:
        asked = {"score_id": self.other, "criterion": "answer", "note": "Dengarkan bersama"}
        view = self.ask(LEADER, "POST /api/coaching", asked)
        one = {"task_id": view["task_id"]}
        self.ask(AGENT, "GET /api/coaching")
        self.ask(AGENT, "GET /api/coaching/{task_id}", **one)
        steps: list[tuple[str, str, dict[str, Any]]] = [
            (AGENT, "step", {"event": "step", "step": step["name"]}) for step in view["plan"]
        ]
        steps += [
            (AGENT, "step", {"event": "tell", "note": "Saya membaca ketentuan dahulu"}),
            (LEADER, "judge", {"event": "confirm", "note": "Terdengar"}),
        ]
        for who, step, body in steps:
            asked_now = {**body, "version": view["version"]}
            view = self.ask(who, f"POST /api/coaching/{{task_id}}/{step}", asked_now, **one)

    def watches(self) -> None:
        """Look after an alarm; hold, release and destroy recordings."""
        raised = self.world.recording.alarms.raise_alarm(AlarmKind.TOO_SHORT, self.ids[3], "1200")
        self.contract.runner.run(raised)
        seen = self.ask(CHIEF, f"GET {WATCH}")
        self.ask(CHIEF, f"GET {WATCH}/notice")
        alarm = str(seen["open"][0]["alarm_id"])
        self.ask(CHIEF, f"POST {WATCH}/alarms/{{alarm_id}}/note", alarm_id=alarm)
        one: dict[str, Any] = {"recording_id": self.ids[5]}
        for step in ("hold", "release"):
            self.ask(PRIVACY, f"POST {WATCH}/{{recording_id}}/{step}", {"reason": "legal"}, **one)
        self.ask(PRIVACY, f"GET {WATCH}/{{recording_id}}/holds", **one)
        why, ends = {"reason": "court_order"}, f"POST {WATCH}/{{recording_id}}/destruction"
        self.ask(LEAD, f"{ends}/ask", why, **one)
        self.ask(PRIVACY, f"{ends}/deny", **one)
        self.ask(LEAD, f"{ends}/ask", why, **one)
        self.ask(PRIVACY, f"{ends}/confirm", why, **one)

    def persons(self) -> None:
        """Take requests of people in; what a process does for them is done by nobody here."""

        async def nothing(job: PersonJob) -> PersonAnswer:
            return PersonAnswer()

        self.world.recording.persons.part._run = nothing
        asked = {
            "npwp": self.world.person.taxpayer.npwp, "name": "Contoh Pemohon", "relation": "self",
            "proven_by": "ktp_seen", "proof": "KTP dilihat di KPP", "contact": "surat", "wish": "Salinan",
        }  # fmt: skip
        for number, kind in (("1", "copy"), ("2", "correction")):
            self.ask(PRIVACY, f"POST {PERSONS}", {**asked, "kind": kind, "request_id": number * 32})
        one, address = {"request_id": "1" * 32}, f"{PERSONS}/{{request_id}}"
        self.contract.known["request_id"] = ["1" * 32, "2" * 32]
        self.ask(PRIVACY, f"POST {address}/prepare", {"version": 1}, None, **one)
        self.ask(PRIVACY, f"POST {address}/bundle/remove", None, None, **one)
        step = {"version": 1, "event": "withdraw", "note": "Diambil kembali"}
        self.ask(PRIVACY, f"POST {address}/steps", step, None, **one)
        given = {"version": 1, "note": "Sudah diperbaiki"}
        self.ask(PRIVACY, f"POST {address}/carry-out", given, request_id="2" * 32)
        self.ask(PRIVACY, f"GET {address}", None, None, **one)
        self.ask(PRIVACY, f"GET {PERSONS}")

    def _offered(self, who: str, recording_id: str) -> Any:
        found = self.ask(who, f"GET {RECORDING}/scores", recording_id=recording_id)["scoring"]
        assert found is not None, (who, recording_id)
        return found

    def _scored(self, who: str, recording_id: str, wrong: str = "") -> str:
        """Make a score final in which one question is answered no; return its id."""
        offered = self._offered(who, recording_id)
        form = offered["form"]
        items = [item for criterion in form["criteria"] for item in criterion["items"]]
        codes = [question["code"] for item in items for question in item["questions"]]
        body = {
            "recording_id": recording_id, "kind": offered["kind"], "person": offered["person"],
            "form": form["name"], "form_version": form["version"], "count": offered["count"],
            "answers": {code: {"answer": "no" if code == wrong else "yes"} for code in codes},
            "facts": {one["code"]: one["choices"][0]["code"] for one in form["facts"] if one["needed"]},
            "summary": "Baik",
        }  # fmt: skip
        score_id = str(offered["score_id"])
        self.ask(who, "POST /api/scores/{score_id}/finish", body, score_id=score_id)
        self.contract.bodies.pop()  # so many answers: a draft of one answer is spoilt instead
        return score_id

    def _sound(
        self, who: str, operation: str, address: str, headers: dict[str, str], ids: Mapping[str, str]
    ) -> None:
        link = address.partition("link=")[2]
        found = self.contract.operations[operation]
        case = found.Case(path_parameters=dict(ids), query={"link": link}, headers=headers)
        answer = self.contract.ask(case, who)
        assert answer.is_success, f"{operation}: {answer.status_code} {answer.text}"
