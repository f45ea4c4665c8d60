"""What a supervisor changes is heard from the next playback on; what is being played is heard to its end."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from service.floor_client import TOKEN_FILE
from service.settings import CHECKOUT
from tests.sip.caller import Caller
from tests.sip.installation import Installation, now

pytestmark = [pytest.mark.sip, pytest.mark.asterisk]

CHANGED, SAID_BY = "announce_fraud", "announce_deadline"  # the prompt, and the one whose audio it is given
AUDIO = CHECKOUT / "prompts" / "audio"
WITHIN = 30.0  # seconds
NEW = {"id": "Batas waktu sudah dekat.", "en": "The deadline is near."}


class Office:
    """Asks the API as the command line does."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def post(self, path: str, body: Any = None, content: bytes | None = None) -> Any:
        answer = await self._client.post(path, json=body, content=content)
        assert answer.is_success, answer.text
        return answer.json()


@pytest.fixture
async def office(installation: Installation) -> AsyncIterator[Office]:
    settings = installation.settings
    token = (settings.secrets_folder / TOKEN_FILE).read_text(encoding="ascii").strip()
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{settings.web_port}",
        headers={"authorization": f"Bearer {token}"},
        timeout=WITHIN,
    ) as client:
        yield Office(client)


async def test_the_next_caller_hears_the_change_and_who_listens_is_not_disturbed(
    caller: Callable[[], Caller], office: Office
) -> None:
    sounds = [
        (await office.post("/api/prompt-sounds", content=(AUDIO / language / f"{SAID_BY}.wav").read_bytes()))
        for language in ("id", "en")
    ]
    digests = [one["digest"] for one in sounds]
    ends = (now() + timedelta(hours=1)).isoformat()
    on = (await office.post("/api/wall/announcements", {"prompt": CHANGED, "ends": ends}))["announcements"][0]
    try:
        before = caller()
        await before.calls().is_greeted(within=WITHIN).hears(CHANGED, language="id", within=WITHIN)
        body = {**NEW, "sounds": digests, "based_on": 0, "why": "ND-7"}
        number = (await office.post(f"/api/prompts/{CHANGED}", body))["number"]
        after = caller()
        await after.calls().is_greeted(within=WITHIN).hears(SAID_BY, language="id", within=WITHIN)
        await after.hears(SAID_BY, language="en", within=WITHIN).hangs_up()
        await before.hears(SAID_BY, language="en", within=WITHIN).hangs_up()  # what began later is new
        heard = next(one for one in before.call.heard if one.name == CHANGED and one.language == "id")
        assert heard.complete
        await office.post(f"/api/prompt-changes/{number}/undo", {"why": ""})
        await (
            caller().calls().is_greeted(within=WITHIN).hears(CHANGED, language="id", within=WITHIN).hangs_up()
        )
    finally:
        await office.post(f"/api/wall/announcements/{on['announcement_id']}/end")
