"""Whether the ports that Asterisk will listen on are free."""

import asyncio
import socket
import time
from contextlib import closing

from asterisk_conf.settings import AsteriskSettings

# A process that has just ended still holds its sockets while its memory is given back.
PATIENCE = 1.0  # seconds


class PortTaken(Exception):
    """Something else listens on a port that Asterisk needs; the text names the setting to change."""


def check_free(settings: AsteriskSettings) -> None:
    """Raise PortTaken for the first port that cannot be bound."""
    wanted = [
        ("sip_port", socket.SOCK_DGRAM, settings.sip_host, settings.sip_port),
        ("sip_port", socket.SOCK_STREAM, settings.sip_host, settings.sip_port),
        ("ari_port", socket.SOCK_STREAM, "127.0.0.1", settings.ari_port),
        ("ami_port", socket.SOCK_STREAM, "127.0.0.1", settings.ami_port),
    ]
    if settings.wss is not None:
        wanted.append(("wss_port", socket.SOCK_STREAM, settings.wss.host, settings.wss.port))
    for name, kind, host, port in wanted:
        _check_one(name, kind, host, port)


async def until_free(settings: AsteriskSettings) -> None:
    """Wait a moment for the ports of an Asterisk that has just ended. Raises PortTaken."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return check_free(settings)
        except PortTaken:
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.05)


def _check_one(name: str, kind: socket.SocketKind, host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, kind)) as probe:
        if kind is socket.SOCK_STREAM:
            # Asterisk does the same: a connection closed a minute ago is no obstacle.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"{name} = {port}: {host}:{port} cannot be used ({error.strerror}); stop what listens there "
                f"(ss -lnp 'sport = :{port}') or set KRING_{name.upper()} to a free port"
            ) from error
