"""A client of a real Asterisk with its leg control, agents' phones, and what the floor is told."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import ari
from asterisk_conf.accounts import CONFIG_CLASS, account_objects
from asterisk_conf.settings import APPLICATION
from domain.accounts import Account, AccountKind, secret_digest
from domain.ids import new_id
from domain.legs import LiveLeg
from service.agent_telephony import LEG_LANES, AriLegControl
from service.telephony import AriEvents, NoDesk
from service.wiring import UNHEEDED
from tests.ari_support import eventually
from tests.desk_phone import DeskPhone
from tests.real_asterisk import RealAsterisk
from tests.small_phone import SmallPhone

SECRET = "desk-secret"


@dataclass
class Ear:
    """Notes what the floor is told; a switchboard and a desk that note their own."""

    up: list[str] = field(default_factory=list)
    gone: dict[str, int] = field(default_factory=dict)
    in_bridges: list[tuple[str, str]] = field(default_factory=list)
    arrived_callers: list[str] = field(default_factory=list)
    gone_callers: list[str] = field(default_factory=list)
    dialled_codes: list[tuple[str, str]] = field(default_factory=list)
    gone_desks: list[str] = field(default_factory=list)
    lost: int = 0
    back: list[tuple[Sequence[LiveLeg], Sequence[str]]] = field(default_factory=list)

    def leg_up(self, leg: str) -> None:
        self.up.append(leg)

    def leg_gone(self, leg: str, cause: int) -> None:
        assert leg not in self.gone
        self.gone[leg] = cause

    def joined(self, bridge: str, leg: str) -> None:
        self.in_bridges.append((bridge, leg))

    def control_lost(self) -> None:
        self.lost += 1

    def control_back(self, legs: Sequence[LiveLeg], bridges: Sequence[str]) -> None:
        self.back.append((legs, bridges))


class Switchboard:
    """Answers every caller and notes them."""

    def __init__(self, ear: Ear, client: ari.Client) -> None:
        self._ear, self._client = ear, client

    def arrived(self, leg: object) -> None:
        channel = leg.channel  # type: ignore[attr-defined]
        self._ear.arrived_callers.append(channel)
        self._client.channels.answer(channel)

    def gone(self, channel: str, cause: int) -> None:
        self._ear.gone_callers.append(channel)

    def key(self, channel: str, key: str) -> None: ...
    def playback_ended(self, playback: str, *, ok: bool) -> None: ...
    def hold(self) -> None: ...
    async def reconcile(self, inside: Sequence[object], elsewhere: Sequence[str]) -> None: ...


class Desk(NoDesk):
    """Notes the codes, and serves none."""

    def __init__(self, ear: Ear, legs: AriLegControl) -> None:
        super().__init__(legs.hang_up)
        self._ear = ear

    def dialled(self, leg: str, account: str, code: str) -> None:
        self._ear.dialled_codes.append((account, code))
        super().dialled(leg, account, code)

    def gone(self, leg: str) -> None:
        if not leg.startswith("leg-"):
            self._ear.gone_desks.append(leg)


@dataclass
class Lab:
    """A client of a real Asterisk, its leg control, and what was told."""

    asterisk: RealAsterisk
    client: ari.Client
    legs: AriLegControl
    ear: Ear
    failures: list[ari.AriError] = field(default_factory=list)

    async def phone(self, **settings: object) -> DeskPhone:
        """Make an account in Asterisk and return its phone."""
        account = f"a{new_id()[-15:]}"
        made = Account(account, "9", AccountKind.DESK, secret_digest(account, SECRET), datetime.now(UTC))
        for kind, fields in account_objects(made, self.asterisk.settings).items():
            tuples = [ari.models.ConfigTuple(attribute=name, value=text) for name, text in fields.items()]
            await self.client.asterisk.update_object(CONFIG_CLASS, kind, account, fields=tuples)
        return DeskPhone(self.asterisk.sip, account, SECRET, **settings)  # type: ignore[arg-type]

    def ring(self, phone: DeskPhone, *args: str, seconds: float = 20) -> str:
        leg = f"leg-{new_id()}"
        self.legs.ring(leg, phone.account, args or ("agent", phone.account, "c0ffee", "7"), seconds)
        return leg

    async def talk(self, phone: DeskPhone) -> str:
        """Ring a phone, answer it, and return its leg."""
        leg = self.ring(phone)
        phone.answer(await phone.next_ring())
        await eventually(lambda: leg in self.ear.up)
        return leg

    async def inside(self, leg: str, bridge: str) -> None:
        await eventually(lambda: (bridge, leg) in self.ear.in_bridges)

    async def caller(self, phone: SmallPhone) -> str:
        """Let a caller ring in, and return their leg."""
        assert await phone.dial() == 200
        return self.ear.arrived_callers[-1]


@asynccontextmanager
async def running_lab(asterisk: RealAsterisk) -> AsyncIterator[Lab]:
    """Run a lab on an Asterisk; at its end nothing of it may live there."""
    client = ari.Client(
        f"http://127.0.0.1:{asterisk.settings.ari_port}",
        asterisk.user,
        asterisk.password,
        APPLICATION,
        lanes=("slow", *LEG_LANES),
        hidden_events=UNHEEDED,
    )
    ear = Ear()
    lab = Lab(asterisk, client, AriLegControl(client), ear)
    client.on_failure(lab.failures.append)
    lab.legs.on_leg_gone(ear.leg_gone)
    AriEvents(client, Switchboard(ear, client), ear, Desk(ear, lab.legs), lab.legs.take_stock)  # type: ignore[arg-type]
    async with client:
        yield lab
        for channel in await client.channels.list():
            await client.channels.hangup(channel.id)
        for bridge in await client.bridges.list():
            await client.bridges.destroy(bridge.id)
        await asyncio.sleep(0.1)
        assert not await client.channels.list()
        assert not await client.bridges.list()
