"""SIP accounts for the swarm's agents, put into the running Asterisk as the product puts its own."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from asterisk_conf.accounts import CONFIG_CLASS, account_objects
from asterisk_conf.settings import AsteriskSettings
from bench import processes
from bench.processes import HOST, Installation
from bench.swarm_sip import Credentials
from domain.accounts import Account, AccountKind, secret_digest


def push(product: Installation, count: int) -> Sequence[Credentials]:
    """Make so many accounts that only Asterisk knows of."""
    made = []
    for _ in range(count):
        who = Credentials(f"a{secrets.token_hex(8)[:15]}", secrets.token_hex(12))
        account = Account(
            who.user, "", AccountKind.DESK, secret_digest(who.user, who.secret), datetime.now(UTC)
        )
        for kind, fields in account_objects(account, _settings(product.home)).items():
            body = {"fields": [{"attribute": name, "value": value} for name, value in fields.items()]}
            product.ari(f"asterisk/config/dynamic/{CONFIG_CLASS}/{kind}/{who.user}", "PUT", body)
        made.append(who)
    return made


def _settings(home: Path) -> AsteriskSettings:
    unused = secrets.token_hex(8)
    return AsteriskSettings(home, unused, unused, sip_host=HOST, sip_port=processes.SIP)
