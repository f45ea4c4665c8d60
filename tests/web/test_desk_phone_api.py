"""The routes of the page's phone."""

from dataclasses import dataclass, field

from domain.accounts import AccountKind, AccountsUnavailable
from tests.web.page_parts import OWN, page_app
from web.desk_phone_api import (
    ChoiceView,
    DeskPhoneState,
    IceServer,
    NoDeskPhone,
    PhoneLogin,
    add_desk_phone_routes,
)
from web.visitor import Visitor

LOGIN = PhoneLogin(
    account="a" + "1" * 15,
    secret="not-a-secret",
    socket="/sip?account=a",
    test_number="*43",
    codecs=["PCMA"],
    ice_servers=[IceServer(urls="stun:192.0.2.1:3478")],
)


@dataclass
class Phones:
    """A `web.desk_phone_api.DeskPhonePort`."""

    fails: Exception | None = None
    asked: list[str] = field(default_factory=list)
    chosen: AccountKind = AccountKind.BROWSER

    async def make(self, visitor: Visitor) -> PhoneLogin:
        self._ask(visitor)
        return LOGIN

    async def choice(self, visitor: Visitor) -> ChoiceView:
        self._ask(visitor)
        return ChoiceView(choice=self.chosen, desk_phone=DeskPhoneState.NONE)

    async def choose(self, visitor: Visitor, choice: AccountKind) -> ChoiceView:
        self._ask(visitor)
        self.chosen = choice
        return await self.choice(visitor)

    def _ask(self, visitor: Visitor) -> None:
        if self.fails is not None:
            raise self.fails
        self.asked.append(visitor.staff.number)


async def test_an_agent_gets_a_phone_and_chooses_another() -> None:
    phones = Phones()
    async with page_app([lambda shared: add_desk_phone_routes(shared.guard, phones)]).client() as agent:
        made = await agent.post("/api/desk/phone")
        assert made.status_code == 200
        assert made.json() == LOGIN.model_dump(exclude_none=True)
        assert "username" not in made.json()["ice_servers"][0]
        chosen = await agent.put("/api/desk/phone/choice", json={"choice": "desk"})
        assert chosen.json() == {"choice": "desk", "desk_phone": "none"}
        assert (await agent.get("/api/desk/phone/choice")).json() == chosen.json()
        assert (await agent.put("/api/desk/phone/choice", json={"choice": "mobile"})).status_code == 422
    assert set(phones.asked) == {OWN}


async def test_what_cannot_be_had_is_said_with_the_remedy() -> None:
    phones = Phones(NoDeskPhone("ask an administrator"))
    async with page_app([lambda shared: add_desk_phone_routes(shared.guard, phones)]).client() as agent:
        refused = await agent.post("/api/desk/phone")
        assert refused.status_code == 409
        assert "ask an administrator" in refused.text
        phones.fails = AccountsUnavailable(f"row of {OWN}")
        for answer in (
            await agent.post("/api/desk/phone"),
            await agent.get("/api/desk/phone/choice"),
            await agent.put("/api/desk/phone/choice", json={"choice": "desk"}),
        ):
            assert answer.status_code == 503
            assert OWN not in answer.text


async def test_who_takes_no_calls_has_no_phone() -> None:
    phones = Phones()
    async with page_app([lambda shared: add_desk_phone_routes(shared.guard, phones)]).client(
        "supervisor"
    ) as other:
        assert (await other.post("/api/desk/phone")).status_code == 403
    assert phones.asked == []
