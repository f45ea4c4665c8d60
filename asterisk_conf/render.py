"""Asterisk's configuration files, rendered from the templates beside this file."""

import hashlib
import re
import string
from collections.abc import Mapping
from pathlib import Path

from asterisk_conf.settings import (
    AMI_USER,
    APPLICATION,
    ARI_USER,
    ECHO,
    ECHO_LIMIT,
    NOBODY_PROMPTS,
    NUMBERS,
    AsteriskSettings,
    Wss,
)

TEMPLATES = Path(__file__).parent / "templates"
_NUMBER_TEMPLATE = "number.conf"  # a piece of extensions.conf, once per number
_GUARD_TEMPLATE = "outbound.conf"  # another piece of it
_PIECES = frozenset({_NUMBER_TEMPLATE, _GUARD_TEMPLATE})
_AN_HOUR, _A_DAY = 3600, 86400  # seconds
_ZONES = {"wib": 7, "wita": 8, "wit": 9}  # hours ahead of UTC
# E.164 without plus: 62, then 8 to 12 digits as `domain.phone.callback_number` takes them.
_AREAS = ("62[2-79]", "628[1-9]")
_SHORTEST, _LONGEST = 10, 14
_PLAIN = re.compile(r"[A-Za-z0-9_-]{8,}")
# The listening socket is http.conf's; PJSIP only wants to know that there may be such connections.
_WSS_TRANSPORT = "[wss]\ntype = transport\nprotocol = wss\nbind = 127.0.0.1\n\n"
_PATH_UNSAFE = re.compile(r"[;\n\r\[\](),]")


class UnusableSettings(Exception):
    """A setting cannot be written into Asterisk's configuration; the text names it and the remedy."""


class _Template(string.Template):
    """Asterisk's own variables are written `${NAME}`, so ours are `@{name}`."""

    delimiter = "@"


def render(settings: AsteriskSettings, modules: Path) -> dict[str, str]:
    """Return file name → text of every configuration file.

    `modules` is the folder of Asterisk's modules. Raises UnusableSettings.
    """
    _check(settings)
    values = _values(settings, modules)
    number = _Template((TEMPLATES / _NUMBER_TEMPLATE).read_text("utf-8"))
    values["numbers"] = "\n".join(number.substitute(values, number=each) for each in NUMBERS)
    guard = _Template((TEMPLATES / _GUARD_TEMPLATE).read_text("utf-8"))
    values["guard"] = guard.substitute(values)
    return {
        template.name: _Template(template.read_text("utf-8")).substitute(values)
        for template in sorted(TEMPLATES.glob("*.conf"))
        if template.name not in _PIECES
    }


def write(files: Mapping[str, str], folder: Path) -> None:
    """Write the files into `folder`, readable by their owner only, and nothing else with them."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for stale in set(folder.glob("*.conf")) - {folder / name for name in files}:
        stale.unlink()
    for name, text in files.items():
        fresh = folder / f".{name}.new"
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(text, "utf-8")
        fresh.replace(folder / name)


def fingerprint(files: Mapping[str, str]) -> str:
    """Return a hash over the names and texts of the files."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{files[name]}\0".encode())
    return digest.hexdigest()


def _values(settings: AsteriskSettings, modules: Path) -> dict[str, object]:
    everywhere = settings.sip_host in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
    media = "" if everywhere else f"media_address = {settings.sip_host}\nbind_rtp_to_media_address = yes\n"
    return {
        "folder": settings.folder,
        "sounds": settings.sounds,
        "modules": modules,
        # Room above the dialplan's limit, so that in ordinary times only the dialplan refuses.
        "ceiling": settings.max_calls * 2,
        "max_calls": settings.max_calls,
        "sip_bind": _socket(settings.sip_host, settings.sip_port),
        "wss_transport": "" if settings.wss is None else _WSS_TRANSPORT,
        "wss_listener": "" if settings.wss is None else _wss_listener(settings.wss),
        "media_address": media,
        "matches": "\n".join(f"match = {trunk}" for trunk in settings.trunks),
        "outbound": _outbound(settings.outbound),
        "outbound_lines": settings.outbound_lines,
        "hours": _hours(*settings.outbound_hours),
        "subscribers": _subscribers(),
        "nobody": "&".join(f"kring/id/{prompt}" for prompt in NOBODY_PROMPTS),
        "ledger": settings.ledger.name,
        "application": APPLICATION,
        "ari_user": ARI_USER,
        "ari_password": settings.ari_password,
        "ari_port": settings.ari_port,
        "ami_user": AMI_USER,
        "ami_password": settings.ami_password,
        "ami_port": settings.ami_port,
        "echo": ECHO,
        "echo_limit": ECHO_LIMIT,
        "rtp_first": settings.rtp_first,
        "rtp_last": settings.rtp_last,
        "hold_retry": settings.hold_retry,
        "hold_rounds": max(1, settings.hold_limit // settings.hold_retry),
        "announce_rounds": max(1, settings.hold_announce // settings.hold_retry),
    }


def _socket(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _wss_listener(wss: Wss) -> str:
    return (
        f"tlsenable = yes\ntlsbindaddr = {_socket(wss.host, wss.port)}\n"
        f"tlscertfile = {wss.certificate}\ntlsprivatekey = {wss.key}\n"
        "tlsdisablev1 = yes\ntlsdisablev11 = yes\n"
    )


def _outbound(far_end: str) -> str:
    """Return the rest of the trunk's endpoint, and where its calls go."""
    if not far_end:
        return ""
    return f"aors = trunk\n\n[trunk]\ntype = aor\ncontact = sip:{far_end}\n"


def _hours(opens: int, closes: int) -> str:
    """Return one extension for each zone: whether the time since the opening hour is short enough."""
    # Of an unknown zone: from the last zone's opening (the west) to the first one's closing (the east).
    widest = max(_ZONES.values()) - min(_ZONES.values())
    always = closes - opens >= 24
    spans = {zone: (ahead, closes - opens) for zone, ahead in _ZONES.items()}
    spans["unknown"] = (min(_ZONES.values()), closes - opens - (0 if always else widest))
    rows = []
    for zone, (ahead, span) in spans.items():
        shift = (ahead - opens) * _AN_HOUR % _A_DAY
        rows.append(
            f"exten => {zone},1,MSet(GROUP(outbound)=out,CALLERID(all)=Kring Pajak <1500200>)\n"
            f" same => n,GotoIf($[(${{EPOCH}} + {shift}) % {_A_DAY} < {span * _AN_HOUR}"
            " & ${EPOCH} <= 0${KRING_UNTIL} & ${GROUP_COUNT(out@outbound)} <= ${KRING_LINES}"
            " & ${GROUP_COUNT(out@outbound)} + ${GROUP_COUNT(kring)} <= ${KRING_LIMIT}]"
            "?kring-out-number,${KRING_NUMBER},1:kring-out-refused,s,1)\n"
        )
    return "".join(rows)


def _subscribers() -> str:
    """Return one extension for each length of a subscriber's number."""
    rows = []
    for area in _AREAS:
        digits = len(re.sub(r"\[[^]]*\]", "1", area))
        for length in range(_SHORTEST, _LONGEST + 1):
            rows.append(
                f"exten => _{area}{'X' * (length - digits)},1,CELGenUserEvent(DIAL)\n"
                " same => n,Dial(PJSIP/${EXTEN}@trunk,${KRING_SECONDS},i)\n"
                " same => n,GotoIf($[0${HANGUPCAUSE} = 0]?kring-out-unsaid,s,1)\n"
                " same => n,Hangup($[0${HANGUPCAUSE(${HANGUPCAUSE_KEYS()},tech):4:3} * 1000"
                " + 0${HANGUPCAUSE}])\n"
            )
    return "".join(rows)


def _check(settings: AsteriskSettings) -> None:
    for name in ("ari_password", "ami_password"):
        if not _PLAIN.fullmatch(getattr(settings, name)):
            raise UnusableSettings(f"{name}: needs at least 8 letters, digits, - or _ and nothing else")
    paths = () if settings.wss is None else (settings.wss.certificate, settings.wss.key)
    if any(_PATH_UNSAFE.search(str(path)) for path in (settings.home, *paths)):
        raise UnusableSettings(
            f"home = {settings.home}: Asterisk's configuration cannot carry ; [ ] ( ) , or a line end "
            "in a path; choose another folder"
        )
    # A Unix socket's address holds 108 bytes; Asterisk cuts a longer one silently.
    if len(str(settings.folder / "run" / "asterisk.ctl").encode()) > 100:
        raise UnusableSettings(
            f"home = {settings.home}: too long for Asterisk's control socket; "
            "choose a folder of at most 70 characters"
        )
