"""An Asterisk with agents' accounts, and an application that sees what happens to their phones."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import ari
from ari import events
from asterisk_conf.settings import APPLICATION
from domain.accounts import Account
from domain.clock import SystemClock
from service.accounts import LANE, Accounts
from service.agent_telephony import ANSWER_BY_ITSELF
from service.phone.handset import Login
from service.phone.station import AgentPhone
from storage.accounts import DurableAccounts
from storage.database import Database
from storage.vault import Vault
from tests.real_asterisk import RealAsterisk

AGENT = "19900101"  # a made-up staff number
Records = tuple[Database, Vault]


@dataclass
class Office:
    """An Asterisk with accounts, and what the application is told."""

    asterisk: RealAsterisk
    client: ari.Client
    accounts: Accounts
    store: DurableAccounts
    started: asyncio.Queue[events.StasisStart] = field(default_factory=asyncio.Queue)
    destroyed: dict[str, events.ChannelDestroyed] = field(default_factory=dict)
    phones: list[tuple[str, str, bool]] = field(default_factory=list)

    def phone(self, account: Account, secret: str, keep_audio: bool = False) -> AgentPhone:
        return AgentPhone(Login(self.asterisk.sip, account.account, secret), keep_audio=keep_audio)

    async def ring(self, leg: str, account: Account, *, quick: bool = False) -> None:
        """Ring an account as the floor does; `quick`: so that the phone answers by itself."""
        await self.client.channels.originate_with_id(
            leg,
            endpoint=f"PJSIP/{account.account}",
            app=APPLICATION,
            app_args="agent",
            timeout=10,
            variables=ANSWER_BY_ITSELF if quick else None,
        )

    async def next_in(self, within: float = 20.0) -> events.StasisStart:
        async with asyncio.timeout(within):
            return await self.started.get()

    async def until(self, condition: Callable[[], bool], within: float = 20.0) -> float:
        """Wait; return the seconds it took."""
        start = time.monotonic()
        while not condition():
            assert time.monotonic() - start < within, f"not within {within} s; phones: {self.phones}"
            await asyncio.sleep(0.02)
        return time.monotonic() - start


@asynccontextmanager
async def opened(asterisk: RealAsterisk, records: Records) -> AsyncIterator[Office]:
    """Connect an application with accounts to an Asterisk; revoke and hang up all at the end."""
    client = ari.Client(
        f"http://127.0.0.1:{asterisk.settings.ari_port}",
        asterisk.user,
        asterisk.password,
        APPLICATION,
        lanes=(ari.client.SLOW, LANE),
    )
    store = DurableAccounts(*records)
    office = Office(asterisk, client, Accounts(store, client, asterisk.settings, SystemClock()), store)
    client.on_event(events.StasisStart, office.started.put_nowait)
    client.on_event(events.ChannelDestroyed, lambda event: office.destroyed.update({event.channel.id: event}))
    office.accounts.on_phone(lambda *change: office.phones.append(change))
    client.on_reconcile(office.accounts.refresh)
    running = asyncio.create_task(client.run())
    await client.ready()
    yield office
    for account in await store.in_force():
        await office.accounts.revoke(account.account)
    for channel in await client.channels.list():
        await client.channels.hangup(channel.id)
    await client.close()
    await running
