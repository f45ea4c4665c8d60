"""What `kring doctor` asks of what runs: Asterisk and its modules, the trunk, the service itself."""

import json
import re
import secrets as random
import socket
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

import httpx

from asterisk_conf.settings import APPLICATION, ARI_USER
from service.checkup_limits import limits
from service.findings import good, note, warning, wrong
from service.settings import Settings
from web.checkup_port import Finding

_LOADED = re.compile(r"^load = (\S+\.so)", re.MULTILINE)
_SIP_OK = re.compile(rb"^SIP/2\.0 (\d{3})")
_FULL = 0.9  # of `max_calls`


def asterisk_runs(settings: Settings) -> Iterator[Finding]:
    """Whether Asterisk answers, with every module that is needed, and with this service's application."""
    password = settings.secrets_folder / "ari_password"
    if not password.exists():
        return  # told by `secrets`
    base = f"http://127.0.0.1:{settings.ari_port}/ari"
    within = limits().heartbeat_seconds
    try:
        with httpx.Client(auth=(ARI_USER, password.read_text().strip()), timeout=within) as client:
            modules = _asked(client, f"{base}/asterisk/modules")
            yield from _modules(modules)
            yield from _application(_asked(client, f"{base}/applications"))
            yield _channels(settings, len(_asked(client, f"{base}/channels")))
    except httpx.HTTPStatusError as error:
        answer = error.response.status_code
        yield wrong("asterisk_runs", "ari_refuses", port=settings.ari_port, answer=answer)
    except (httpx.HTTPError, ValueError) as error:
        if _service_runs(settings) or settings.asterisk_mode == "external":
            yield wrong("asterisk_runs", "ari_silent", type(error).__name__, port=settings.ari_port)
        else:
            yield note("asterisk_runs", "asterisk_stopped")


def _asked(client: httpx.Client, address: str) -> list[Mapping[str, Any]]:
    answer = client.get(address)
    answer.raise_for_status()
    found: list[Mapping[str, Any]] = answer.json()
    return found


def _modules(loaded: list[Mapping[str, Any]]) -> Iterator[Finding]:
    template = resources.files("asterisk_conf").joinpath("templates/modules.conf").read_text(encoding="utf-8")
    wanted = set(_LOADED.findall(template))
    running = {str(one["name"]) for one in loaded if one.get("status") == "Running"}
    missing = sorted(wanted - running)
    if missing:
        yield wrong("modules", "modules_missing", names=missing)
    else:
        yield good("modules", "modules", count=len(wanted))


def _application(applications: list[Mapping[str, Any]]) -> Iterator[Finding]:
    if any(one.get("name") == APPLICATION for one in applications):
        yield good("asterisk_runs", "application", name=APPLICATION)
    else:
        yield warning("asterisk_runs", "application_none", name=APPLICATION)


def _channels(settings: Settings, inside: int) -> Finding:
    if inside >= settings.max_calls * 2 * _FULL:  # a caller and an agent
        return warning("channels", "channels_many", count=inside)
    return good("channels", "channels", count=inside)


def trunk(settings: Settings) -> Iterator[Finding]:
    """Whether the trunk for our own calls answers a SIP OPTIONS, and who may send calls."""
    yield good("trunks", "trunks", names=settings.trunks)
    if not settings.outbound:
        yield note("outbound", "outbound_none")
        return
    host, _, port = settings.outbound.rpartition(":")
    try:
        code = _options(host.strip("[]"), int(port), limits().heartbeat_seconds)
    except OSError as error:
        yield warning("outbound", "outbound_silent", str(error), address=settings.outbound)
        return
    yield good("outbound", "outbound", address=settings.outbound, answer=code)


def _options(host: str, port: int, within: float) -> int:
    """Return the SIP code by which somebody answers OPTIONS (RFC 3261, 11) over UDP. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.settimeout(within)
        sender.connect((host, port))
        own, mine = sender.getsockname()[:2]
        shown = f"[{own}]" if ":" in own else own
        lines = (
            f"OPTIONS sip:{host}:{port} SIP/2.0",
            f"Via: SIP/2.0/UDP {shown}:{mine};branch=z9hG4bK{random.token_hex(8)};rport",
            "Max-Forwards: 70",
            f"From: <sip:kring@{shown}>;tag={random.token_hex(4)}",
            f"To: <sip:{host}:{port}>",
            f"Call-ID: {random.token_hex(8)}@{shown}",
            "CSeq: 1 OPTIONS",
            f"Contact: <sip:kring@{shown}:{mine}>",
            "Content-Length: 0",
        )
        sender.send("\r\n".join((*lines, "", "")).encode())
        found = _SIP_OK.match(sender.recv(65_535))
        if found is None:
            raise OSError("what answers speaks no SIP")
        return int(found[1])


def service_ready(settings: Settings) -> Iterator[Finding]:
    """Whether the running service says that it is ready for calls."""
    if not _service_runs(settings):
        yield note("service", "service_none")
        return
    scheme = "https" if settings.pages_by_tls else "http"
    host = "127.0.0.1" if settings.web_host in ("0.0.0.0", "::") else settings.web_host  # noqa: S104 - compared
    try:
        # Our own certificate, on our own machine: whether it is in date is told by `certificate`.
        answer = httpx.get(f"{scheme}://{host}:{settings.web_port}/readyz", timeout=10, verify=False)  # noqa: S501
        reasons = answer.json().get("reasons", [])
    except (httpx.HTTPError, json.JSONDecodeError) as error:
        yield wrong("service", "service_silent", type(error).__name__)
        return
    if answer.status_code != httpx.codes.OK:
        yield wrong("service", "service_unready", "; ".join(reasons))
    else:
        yield good("service", "service")


def _service_runs(settings: Settings) -> bool:
    from service.checkup import runs

    return runs(settings)
