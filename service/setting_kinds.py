"""The kinds of values a setting can have: each turns what was written into a value or says why not."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from domain.staff import StaffRole

_HOST_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")

_ICE_SERVER = re.compile(
    r"(?P<kind>stuns?|turns?):(?:(?P<user>[^:@,\s]{1,128}):(?P<secret>[^@,\s]{1,128})@)?"
    r"(?P<place>[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?(?:\?transport=(?:udp|tcp))?)"
)


class Unusable(Exception):
    """A value cannot be used; the message says what is expected."""


# What was written, and the folder that a relative path starts from.
Parser = Callable[[Any, Path], Any]


def path(raw: Any, base: Path) -> Path:
    """Read a path; a relative one starts at the file's folder or the working directory."""
    if not isinstance(raw, str) or not raw.strip():
        raise Unusable("write a path")
    return (base / Path(raw).expanduser()).absolute()


def whole(least: int, most: int) -> Parser:
    """Return a reader of whole numbers within bounds."""

    def read(raw: Any, base: Path) -> int:
        text = str(raw).strip()
        if isinstance(raw, bool) or not (text.isascii() and text.isdigit()):
            raise Unusable(f"write a whole number from {least} to {most}")
        if not least <= int(text) <= most:
            raise Unusable(f"must be from {least} to {most}")
        return int(text)

    return read


port = whole(1024, 65535)  # below 1024 only root may listen, and nothing here runs as root


def address(raw: Any, base: Path) -> str:
    """Read an IP address of this machine."""
    try:
        return str(ipaddress.ip_address(str(raw).strip()))
    except ValueError:
        raise Unusable("write an IP address such as 127.0.0.1") from None


def host_name(raw: Any, base: Path) -> str:
    """Read a host name."""
    name = str(raw).strip().lower()
    if len(name) > 253 or not _HOST_NAME.fullmatch(name):
        raise Unusable("write a host name such as phone.example.go.id")
    return name


def host_names(raw: Any, base: Path) -> tuple[str, ...]:
    """Read host names, a list or separated by commas."""
    parts = raw if isinstance(raw, list) else str(raw).split(",")
    return tuple(dict.fromkeys(host_name(part, base) for part in parts if str(part).strip()))


def optional_host(raw: Any, base: Path) -> str:
    """Read a host name or an IP address, or nothing."""
    text = str(raw).strip()
    if not text:
        return ""
    try:
        return address(text, base)
    except Unusable:
        return host_name(text, base)


def mail_address(raw: Any, base: Path) -> str:
    """Read one mail address, or nothing."""
    text = str(raw).strip()
    local, _, domain = text.rpartition("@")
    if text and not (re.fullmatch(r"[A-Za-z0-9._+-]{1,64}", local) and _HOST_NAME.fullmatch(domain.lower())):
        raise Unusable("write a mail address such as reports@example.go.id")
    return text


def word(raw: Any, base: Path) -> str:
    """Read a word without spaces."""
    text = str(raw).strip()
    if not text or len(text) > 200 or not text.isprintable() or " " in text:
        raise Unusable("write one word, without spaces")
    return text


def optional_word(raw: Any, base: Path) -> str:
    """Read a word without spaces, or nothing."""
    return word(raw, base) if str(raw).strip() else ""


def sound_store(raw: Any, base: Path) -> str:
    """Read a folder's path, or `s3://BUCKET/PREFIX`; or nothing."""
    text = str(raw).strip()
    if not text:
        return ""
    if "://" not in text:
        return str(path(text, base))
    parts = urlsplit(text)
    named = re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", parts.netloc)
    if parts.scheme != "s3" or not named or parts.query or parts.fragment:
        raise Unusable("write a folder, or s3://BUCKET/PREFIX such as s3://recordings/kring")
    return text.rstrip("/")


def service_address(raw: Any, base: Path) -> str:
    """Read the address of a service, https or on this machine http; or nothing."""
    text = str(raw).strip().rstrip("/")
    return issuer(text, base) if text else ""


def issuer(raw: Any, base: Path) -> str:
    """Read the address of an OpenID Connect issuer: https, or http on this machine."""
    text = str(raw).strip()
    parts = urlsplit(text)
    here = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and here)):
        raise Unusable("write an https address such as https://login.example.go.id/realms/office")
    if parts.query or parts.fragment:
        raise Unusable("write the issuer without `?` and `#`")
    return text


def group_roles(raw: Any, base: Path) -> tuple[tuple[str, str], ...]:
    """Read `GROUP=ROLE, GROUP=ROLE`."""
    parts = raw if isinstance(raw, list) else str(raw).split(",")
    found = []
    for part in filter(None, (str(one).strip() for one in parts)):
        group, sign, role = (text.strip() for text in part.rpartition("="))
        if not sign or not group or role not in tuple(StaffRole):
            raise Unusable(f"write GROUP=ROLE, with a role out of {', '.join(StaffRole)}")
        found.append((group, role))
    return tuple(found)


def far_end(raw: Any, base: Path) -> str:
    """Read `ADDRESS:PORT` of a SIP peer (IPv6 in brackets), or nothing."""
    text = str(raw).strip()
    if not text:
        return ""
    host, colon, number = text.rpartition(":")
    try:
        version = ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).version
    except ValueError:
        raise Unusable("write ADDRESS:PORT such as 192.0.2.10:5060") from None
    if not colon or (version == 6) != host.startswith("["):
        raise Unusable("write ADDRESS:PORT such as 192.0.2.10:5060 or [2001:db8::1]:5060")
    return f"{host}:{whole(1, 65535)(number, base)}"


def ice_servers(raw: Any, base: Path) -> tuple[str, ...]:
    """Read STUN and TURN servers, `stun:HOST:PORT` or `turn:USER:PASSWORD@HOST:PORT`, separated by commas."""
    parts = raw if isinstance(raw, list) else str(raw).split(",")
    found = tuple(str(part).strip() for part in parts if str(part).strip())
    for part in found:
        server = _ICE_SERVER.fullmatch(part)
        if server is None or (server["kind"].startswith("turn") != (server["user"] is not None)):
            raise Unusable(
                "write stun:HOST:PORT or turn:USER:PASSWORD@HOST:PORT (turns: with TLS), separated by commas"
            )
    return found


def ice_server(text: str) -> Mapping[str, str]:
    """Return a server of `ice_servers` as browsers want it: urls, username, credential."""
    found = _ICE_SERVER.fullmatch(text)
    if found is None:
        raise Unusable("no server")
    urls = {"urls": f"{found['kind']}:{found['place']}"}
    return (
        urls if found["user"] is None else urls | {"username": found["user"], "credential": found["secret"]}
    )


def addresses(raw: Any, base: Path) -> tuple[str, ...]:
    """Read IP addresses or networks."""
    parts = raw if isinstance(raw, list) else str(raw).split(",")
    try:
        found = tuple(str(part).strip() for part in parts if str(part).strip())
        for part in found:
            if ipaddress.ip_network(part).prefixlen == 0:
                raise Unusable("the whole internet may not send calls; name the trunk's addresses")
    except ValueError:
        raise Unusable("write IP addresses or networks such as 192.0.2.10, 198.51.100.0/28") from None
    if not found:
        raise Unusable("write at least one IP address or network")
    return found


def one_of(*choices: str) -> Parser:
    """Return a reader of one word out of several."""

    def read(raw: Any, base: Path) -> str:
        word = str(raw).strip().lower()
        if word not in choices:
            raise Unusable("write one of: " + ", ".join(choices))
        return word

    return read


language = one_of("id", "en")
log_level = one_of("debug", "info", "warning", "error")


def database_url(raw: Any, base: Path) -> str:
    """Read a database's address: SQLite or PostgreSQL."""
    parts = urlsplit(str(raw))
    if parts.scheme in ("postgres", "postgresql"):
        return urlunsplit(parts._replace(scheme="postgresql+psycopg"))
    if parts.scheme not in ("sqlite", "postgresql+psycopg"):
        raise Unusable("write sqlite:///PATH or postgresql://USER@HOST/NAME")
    return str(raw)


def with_password(url: str, password: str) -> str:
    """Put a password into a database's address."""
    parts = urlsplit(url)
    user = quote(parts.username or "", safe="")
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{place}"))


def without_password(url: str) -> str:
    """Hide the password in a database's address, and every option, which may hold one too."""
    parts = urlsplit(url)
    if parts.password:
        place = parts.netloc.rpartition("@")[2]
        parts = parts._replace(netloc=f"{parts.username}:(hidden)@{place}")
    if parts.query:
        parts = parts._replace(query="(hidden)")
    if parts.scheme == "sqlite":  # urlunsplit would drop the empty authority's slashes
        return f"sqlite://{parts.path}"
    return urlunsplit(parts)
