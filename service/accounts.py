"""Agents' SIP accounts: made, revoked, kept the same in the database and in Asterisk, and watched.

The database is the truth. Asterisk holds the accounts in memory only; after its restart, and at every
(re)connect, `reconcile` brings the two together. No configuration is reloaded, no call disturbed.
"""

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import ari
from ari import events
from asterisk_conf.accounts import CONFIG_CLASS, OBJECT_TYPES, account_objects
from asterisk_conf.settings import AsteriskSettings
from domain.accounts import (
    Account,
    AccountKind,
    AccountStore,
    AccountsUnavailable,
    is_account,
    secret_digest,
)
from domain.clock import Clock

_LOG = logging.getLogger("accounts")

# A lane of its own, for two reasons. Hundreds of accounts pushed after a restart hold up no call's
# command. And who watches an endpoint is sent every event of its channels: on the calls' own lane each
# would arrive twice.
LANE = "phones"
_SHAPE = "KRING_ACCOUNTS"  # Asterisk's global variable: the shape of the accounts that it holds
_SECRET_BYTES = 18  # 24 characters
_AT_ONCE = 100  # accounts in flight; subscriptions in one request
# Without RESTResponse in such a list Asterisk would answer nothing on this lane.
_HEARD = ("PeerStatusChange", "ContactStatusChange", "RESTResponse", "ApplicationReplaced")

T = TypeVar("T")
PhoneHandler = Callable[[str, str, bool], None]


class UnknownAccount(LookupError):
    """There is no account of this name."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a comparison with Asterisk changed."""

    pushed: int
    removed: int


class Accounts:
    """The accounts in force, and which of their phones can be reached.

    `client` needs the lane LANE; nothing is known before the first `reconcile`. Every method that
    changes something raises `domain.accounts.AccountsUnavailable`, and then nothing was changed.
    """

    def __init__(
        self,
        store: AccountStore,
        client: ari.Client,
        asterisk: AsteriskSettings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._client = client
        self._asterisk = asterisk
        self._clock = clock
        self._in_force: dict[str, Account] = {}
        self._known = False
        self._reachable: set[str] = set()
        self._handlers: list[PhoneHandler] = []
        self._one_at_a_time = asyncio.Lock()
        client.on_event(events.PeerStatusChange, self._told)

    # Who is who

    def agent_of(self, account: str) -> str | None:
        """Return the staff number of an account in force; None for a stranger."""
        found = self._in_force.get(account)
        return None if found is None else found.agent

    @property
    def known(self) -> bool:
        """Whether the accounts were read from the database since the start."""
        return self._known

    def of_sessions(self) -> Sequence[Account]:
        """Return the accounts in force that belong to sessions, oldest first."""
        return [account for account in self._in_force.values() if account.session_id]

    def accounts_of(self, agent: str) -> Sequence[Account]:
        """Return an agent's accounts in force, oldest first."""
        return [account for account in self._in_force.values() if account.agent == agent]

    def is_reachable(self, account: str) -> bool:
        """Whether the account's phone is registered and answers."""
        return account in self._reachable

    def on_phone(self, handler: PhoneHandler) -> None:
        """Call `handler(agent, account, reachable)` at every change of a phone's reachability.

        A phone that is switched off or cut off is seen within asterisk_conf.accounts' QUALIFY +
        QUALIFY_ANSWER seconds, one that signs off or registers at once. After a reconnect the changes
        that were missed are told by `reconcile`.
        """
        self._handlers.append(handler)

    # What changes

    async def create(self, agent: str, kind: AccountKind, session_id: str = "") -> tuple[Account, str]:
        """Make an account for an agent; return it and its secret, which is kept nowhere.

        It can be used at once; when Asterisk is not connected, as soon as it is. With a `session_id` it is
        the phone of that session's page; who makes it sees to its end.
        Whether there is such an agent is asked before.
        """
        name = "a" + secrets.token_hex(8)[:15]
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        digest, now = secret_digest(name, secret), self._clock.now()
        account = Account(name, agent, kind, digest, now, session_id=session_id)
        async with self._one_at_a_time:
            await self._store.add(account)
            self._in_force[name] = account
            try:
                await self._push([account])
            except ari.AriError as error:
                _LOG.warning("account %s waits for Asterisk: %s", name, error)
        return account, secret

    async def revoke(self, account: str) -> Account:
        """Revoke an account: its registration and its phone's further calls are refused at once.

        A talk on it goes on until its own end: the caller is not to suffer. Raises UnknownAccount.
        """
        async with self._one_at_a_time:
            revoked = await self._store.revoke(account, self._clock.now())
            if revoked is None:
                raise UnknownAccount(f"account {account}: there is none; see: kring agent account list")
            try:
                await self._remove([account])
            except ari.AriError as error:
                _LOG.warning("account %s stays in Asterisk for the moment: %s", account, error)
            self._now(account, reachable=False)  # while it still tells whose phone that was
            self._in_force.pop(account, None)
        return revoked

    async def reconcile(self) -> Reconciled:
        """Make Asterisk hold exactly the accounts of the database, and learn who can be reached.

        At every (re)connect, before calls are taken, and now and then: it heals whatever went wrong.
        Raises AccountsUnavailable, ari.AriError.
        """
        async with self._one_at_a_time:
            in_force = {account.account: account for account in await self._store.in_force()}
            for name in self._reachable - in_force.keys():
                self._now(name, reachable=False)  # while it still tells whose phone that was
            self._in_force, self._known = in_force, True
            await self._listen()
            there = await self._endpoints()
            shape = self._shape()
            if await self._held_shape() != shape:
                there = {name: False for name in there if name not in self._in_force}
            missing = [account for name, account in self._in_force.items() if name not in there]
            strangers = [name for name in there if name not in self._in_force]
            await self._remove(strangers)
            await self._push(missing)
            await self._watch(self._in_force)
            variable = self._client.asterisk.set_global_var
            await variable(variable=_SHAPE, value=shape, lane=LANE)
            reachable = {name for name, online in (await self._endpoints()).items() if online}
            for name in self._reachable ^ reachable:
                self._now(name, reachable=name in reachable)
        if missing or strangers:
            _LOG.info("accounts: %d pushed, %d strangers removed", len(missing), len(strangers))
        return Reconciled(len(missing), len(strangers))

    async def refresh(self) -> None:
        """Reconcile; what fails is logged and tried again at the next time.

        For the hook of a (re)connect and for a loop: neither the database nor one account may keep the
        line from being served.
        """
        try:
            await self.reconcile()
        except (AccountsUnavailable, ari.AriError) as error:
            _LOG.warning("accounts are not compared with Asterisk: %s", error)

    # Asterisk

    async def _push(self, accounts: Sequence[Account]) -> None:
        for some in _chunks(accounts):
            done = await asyncio.gather(*map(self._push_one, some), return_exceptions=True)
            for failure in done:  # one that Asterisk does not take must not keep the others out
                if isinstance(failure, BaseException):
                    raise failure
            await self._watch([account.account for account in some])

    async def _push_one(self, account: Account) -> None:
        for kind, fields in account_objects(account, self._asterisk).items():
            tuples = [ari.models.ConfigTuple(attribute=name, value=text) for name, text in fields.items()]
            await self._client.asterisk.update_object(
                CONFIG_CLASS, kind, account.account, fields=tuples, lane=LANE
            )

    async def _remove(self, names: Sequence[str]) -> None:
        for name in names:
            for kind in reversed(OBJECT_TYPES):  # the endpoint first: nothing may ring any more
                try:
                    await self._client.asterisk.delete_object(CONFIG_CLASS, kind, name, lane=LANE)
                except (ari.Gone, ari.Refused) as error:
                    if error.status != 404:
                        raise

    async def _endpoints(self) -> dict[str, bool]:
        """Return the accounts that Asterisk holds, and whether each can be reached."""
        found = await self._client.endpoints.list_by_tech("PJSIP", lane=LANE)
        return {each.resource: each.state == "online" for each in found if is_account(each.resource)}

    async def _held_shape(self) -> str:
        held = await self._client.asterisk.get_global_var(variable=_SHAPE, lane=LANE)
        return held.value

    def _shape(self) -> str:
        """Return a hash over what an account looks like, so that a new version's reaches all of them."""
        at = self._clock.now()
        models = [Account("a", "", kind, "", at) for kind in AccountKind]
        text = repr([account_objects(model, self._asterisk) for model in models])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    async def _listen(self) -> None:
        allowed = [{"type": kind} for kind in _HEARD]
        await self._client.applications.filter(self._application, filter={"allowed": allowed}, lane=LANE)

    async def _watch(self, names: Iterable[str]) -> None:
        for some in _chunks(list(names)):
            sources = [f"endpoint:PJSIP/{name}" for name in some]
            await self._client.applications.subscribe(self._application, event_source=sources, lane=LANE)

    @property
    def _application(self) -> str:
        return f"{self._client.app}-{LANE}"

    # Phones

    def _told(self, event: events.PeerStatusChange) -> None:
        if event.endpoint.technology == "PJSIP":
            self._now(event.endpoint.resource, reachable=event.endpoint.state == "online")

    def _now(self, account: str, *, reachable: bool) -> None:
        if (account in self._reachable) == reachable:
            return
        (self._reachable.add if reachable else self._reachable.discard)(account)
        agent = self.agent_of(account)
        if agent is not None:
            for handler in self._handlers:
                handler(agent, account, reachable)


def _chunks(items: Sequence[T]) -> Iterable[Sequence[T]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
