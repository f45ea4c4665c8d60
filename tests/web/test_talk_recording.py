"""What an agent sees and does about the recording of their talk."""

from dataclasses import dataclass, field
from functools import partial

import pytest

from recording.ports import SilenceControl
from tests.web.page_parts import CALL, OTHER_CALL, PageParts, page_app
from web.recording_routes import add_recording_routes


@dataclass
class Control(SilenceControl):
    """Notes what it is asked."""

    state: str = "recording"
    asked: list[tuple[object, ...]] = field(default_factory=list)

    async def silence(self, call_id: str, why: str, on: bool, by: str) -> bool:
        self.asked.append((call_id, str(why), on))
        return self.state in ("recording", "silenced")

    async def record(self, call_id: str, by: str) -> bool:
        self.asked.append((call_id, "record"))
        return self.state == "on_demand"

    def status(self, call_id: str) -> str:
        return self.state


@pytest.fixture
def control() -> Control:
    return Control()


@pytest.fixture
def parts(control: Control) -> PageParts:
    return page_app([partial(add_recording_routes, port=control)])


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("recording", "Jeda rekaman"),
        ("silenced", "Lanjutkan rekaman"),
        ("on_demand", "Rekam"),
        ("off", "Tidak direkam"),
        ("trouble", "Gagal merekam"),
    ],
)
async def test_the_state_of_a_talk_is_shown(
    parts: PageParts, control: Control, state: str, shown: str
) -> None:
    control.state = state
    async with parts.client(page=True) as client:
        answer = await client.get(f"/api/calls/{CALL}/recording")
    assert answer.status_code == 200
    assert shown in answer.text


async def test_an_agent_silences_and_goes_on_with_a_trace(parts: PageParts, control: Control) -> None:
    async with parts.client() as client:
        for on in (True, False):
            answer = await client.post(f"/api/calls/{CALL}/recording/silence", json={"on": on})
            assert answer.json() == {"call_id": CALL, "status": "recording"}
    assert control.asked == [(CALL, "agent", True), (CALL, "agent", False)]
    assert [row.act for row in parts.audit.rows] == ["recording_silenced", "recording_resumed"]


async def test_what_is_not_recorded_cannot_be_silenced_but_proof_may_ask(
    parts: PageParts, control: Control
) -> None:
    control.state = "off"
    async with parts.client() as client:
        refused = await client.post(f"/api/calls/{CALL}/recording/silence", json={"on": True})
        proof = await client.post(f"/api/calls/{CALL}/recording/silence", json={"on": True, "why": "proof"})
    assert (refused.status_code, proof.status_code) == (409, 200)
    assert control.asked[-1] == (CALL, "proof", True)


async def test_a_talk_is_recorded_on_demand_only_where_it_may_be(parts: PageParts, control: Control) -> None:
    async with parts.client() as client:
        refused = await client.post(f"/api/calls/{CALL}/recording/start")
        control.state = "on_demand"
        granted = await client.post(f"/api/calls/{CALL}/recording/start")
    assert (refused.status_code, granted.status_code) == (409, 200)
    assert [row.act for row in parts.audit.rows] == ["recording_asked"]


async def test_a_colleagues_talk_is_left_alone(parts: PageParts, control: Control) -> None:
    async with parts.client() as client:
        answer = await client.post(f"/api/calls/{OTHER_CALL}/recording/silence", json={"on": True})
    assert answer.status_code == 403
    assert control.asked == []
