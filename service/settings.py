"""The installation's settings: environment over file over defaults.

Every setting is one key. In the file `kring.toml` it is written as it is (`web_port = 8080`), in the
environment with a prefix and in capitals (`KRING_WEB_PORT=8080`).
"""

import dataclasses
import difflib
import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from service import setting_kinds as kinds
from service.setting_checks import problems

CHECKOUT = Path(__file__).resolve().parent.parent
PREFIX = "KRING_"
FILE_NAME = "kring.toml"
SHIFTED = ("web_port", "sip_port", "wss_port", "ari_port", "ami_port", "rtp_first", "rtp_last")


class SettingsError(Exception):
    """A setting cannot be used. The message names where it stands, its value and the remedy."""


class Origin(StrEnum):
    """Where a setting's value came from, strongest first."""

    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value stands: the origin, and the variable's or the file's name."""

    origin: Origin
    where: str = ""

    def __str__(self) -> str:
        return f"{self.origin} {self.where}".strip()


def _setting(about: str, parse: kinds.Parser, default: Any, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"about": about, "parse": parse, "secret": secret})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of one installation. Made by `load_settings`; paths are absolute."""

    home: Path = _setting("Folder of everything this installation writes.", kinds.path, CHECKOUT / "var")
    cache: Path = _setting("Folder for fetched software.", kinds.path, CHECKOUT / ".cache")
    flows: Path = _setting("Folder of the call flows.", kinds.path, CHECKOUT / "call_flows" / "flows")
    prompts: Path = _setting("Folder of the prompts: texts and audio.", kinds.path, CHECKOUT / "prompts")
    port_offset: int = _setting(
        "Added to every port that is not set itself: a second installation uses 100, say.",
        kinds.whole(0, 40000),
        0,
    )
    web_host: str = _setting("Address of the web pages.", kinds.address, "127.0.0.1")
    web_port: int = _setting("Port of the web pages.", kinds.port, 8080)
    web_tls: str = _setting(
        "Pages by HTTPS: `on`, `off`, or `auto`: on unless `web_host` is loopback. Browsers give the "
        "microphone to pages by HTTPS and on loopback only.",
        kinds.one_of("auto", "on", "off"),
        "auto",
    )
    web_certificate: Path | None = _setting(
        "Certificate of the pages with its chain (PEM); without it one is made at set-up.", kinds.path, None
    )
    web_key: Path | None = _setting("Private key of `web_certificate` (PEM).", kinds.path, None)
    ice_servers: tuple[str, ...] = _setting(
        "STUN and TURN servers for agents' browsers, separated by commas: `stun:HOST:PORT`, "
        "`turn:USER:PASSWORD@HOST:PORT`. Without any, browsers must reach this machine's RTP ports.",
        kinds.ice_servers,
        (),
        secret=True,
    )
    sip_host: str = _setting(
        "Address on which calls arrive by SIP and desk phones register.", kinds.address, "127.0.0.1"
    )
    sip_port: int = _setting("Port of SIP (UDP and TCP).", kinds.port, 5060)
    wss_host: str = _setting("Address on which agents' browsers connect.", kinds.address, "127.0.0.1")
    wss_port: int = _setting("Port on which agents' browsers connect (SIP over WSS).", kinds.port, 8089)
    wss_name: str | None = _setting(
        "Host name by which browsers reach this machine; the certificate is made for it too.",
        kinds.host_name,
        None,
    )
    outbound: str = _setting(
        "`ADDRESS:PORT` of the trunk that takes our calls to people outside; empty: no callbacks and "
        "no dialling.",
        kinds.far_end,
        "",
    )
    outbound_lines: int = _setting(
        "Our own calls to people outside that may be on at once.", kinds.whole(1, 2000), 30
    )
    outbound_hours: str = _setting(
        "`legal`: calls to people outside from 08:00 to 18:00 of their zone, whatever a campaign says; "
        "`always`: at any hour, with a trunk on this machine only, to try it out.",
        kinds.one_of("legal", "always"),
        "legal",
    )
    outbound_engine: str = _setting(
        "Name of this installation's dialer among those that share its database; each needs one of its own.",
        kinds.word,
        "dialer",
    )
    trunks: tuple[str, ...] = _setting(
        "Addresses that may send calls, separated by commas.", kinds.addresses, ("127.0.0.1",)
    )
    ari_port: int = _setting("Port of Asterisk's REST interface, on loopback.", kinds.port, 8088)
    ami_port: int = _setting("Port of Asterisk's manager interface, on loopback.", kinds.port, 5038)
    rtp_first: int = _setting("First UDP port for audio.", kinds.port, 20000)
    rtp_last: int = _setting("Last UDP port for audio; two ports a call.", kinds.port, 23999)
    asterisk_mode: str = _setting(
        "`embedded`: this service starts and watches Asterisk; `external`: somebody else does.",
        kinds.one_of("embedded", "external"),
        "embedded",
    )
    database_url: str | None = _setting(
        "SQLAlchemy address of the database; without it an SQLite file in the home folder.",
        kinds.database_url,
        None,
        secret=True,
    )
    database_password_file: Path | None = _setting(
        "File that holds the database's password, put into `database_url`.", kinds.path, None
    )
    max_calls: int = _setting(
        "Calls inside at once; a further one is refused with 503.", kinds.whole(1, 100_000), 500
    )
    hours: str = _setting(
        "`office`: the line is open by its timetable; `always`: at any hour, to try it out.",
        kinds.one_of("office", "always"),
        "office",
    )
    drain: int = _setting(
        "Seconds that a stopping service lets calls inside come to their end.", kinds.whole(0, 3600), 5
    )
    session_idle: int = _setting(
        "Minutes without a request after which a sign-in ends.", kinds.whole(1, 1440), 30
    )
    session_hours: int = _setting("Hours after which a sign-in ends at the latest.", kinds.whole(1, 24), 12)
    oidc_issuer: str | None = _setting(
        "Issuer of the directory (OpenID Connect) by which staff may sign in; without it by password only.",
        kinds.issuer,
        None,
    )
    oidc_client_id: str = _setting("Our name at the directory.", kinds.word, "kring")
    oidc_secret_file: Path | None = _setting(
        "File that holds our secret at the directory, readable by its owner only.", kinds.path, None
    )
    oidc_user_claim: str = _setting("Claim that holds the user name here.", kinds.word, "preferred_username")
    oidc_groups_claim: str = _setting("Claim that holds the groups.", kinds.word, "groups")
    oidc_roles: tuple[tuple[str, str], ...] = _setting(
        "`GROUP=ROLE`, separated by commas: the directory's groups decide the roles; empty: roles are "
        "given here.",
        kinds.group_roles,
        (),
    )
    recording_store: str = _setting(
        "Where sealed recordings are kept: a folder, or `s3://BUCKET/PREFIX`; empty: `recordings` in the "
        "home folder.",
        kinds.sound_store,
        "",
    )
    recording_s3_endpoint: str = _setting(
        "Address of the S3-compatible service, `https://HOST[:PORT]`; http on this machine only.",
        kinds.service_address,
        "",
    )
    recording_s3_region: str = _setting("Its region.", kinds.word, "us-east-1")
    recording_s3_access_key: str = _setting("Our access key there.", kinds.optional_word, "")
    recording_s3_secret_file: Path | None = _setting(
        "File that holds our secret there, readable by its owner only.", kinds.path, None
    )
    recording_coding: str = _setting(
        "`flac`: every sample is kept; `opus`: a fifth of the room, 20 times the work, and not evidence.",
        kinds.one_of("flac", "opus"),
        "flac",
    )
    recording_anchors: Path | None = _setting(
        "A second folder, best on another machine's disk, for the heads of the recordings' manifest.",
        kinds.path,
        None,
    )
    transcripts: str = _setting(
        "`on`: a machine writes down what is said in sealed recordings while it has nothing else to do, as a "
        "search aid and never as evidence; needs the extra `voice`.",
        kinds.one_of("off", "on"),
        "off",
    )
    report_folder: Path | None = _setting(
        "Folder into which reports are put for others; without it `reports/out` in the home folder.",
        kinds.path,
        None,
    )
    report_keep_days: int = _setting(
        "Days that files of reports stay here to be downloaded.", kinds.whole(1, 3660), 365
    )
    report_mail_host: str = _setting(
        "Mail server that takes reports (SMTP); empty: none are mailed.", kinds.optional_host, ""
    )
    report_mail_port: int = _setting("Its port.", kinds.whole(1, 65535), 587)
    report_mail_security: str = _setting(
        "`starttls`, `tls`, or `none`: on this machine or without `report_mail_user` only.",
        kinds.one_of("starttls", "tls", "none"),
        "starttls",
    )
    report_mail_user: str = _setting("Our user name there; empty: no sign-in.", kinds.optional_word, "")
    report_mail_secret_file: Path | None = _setting(
        "File that holds its password, readable by its owner only.", kinds.path, None
    )
    report_mail_from: str = _setting("Address that reports come from.", kinds.mail_address, "")
    report_mail_domains: tuple[str, ...] = _setting(
        "Domains to which alone reports are mailed, separated by commas; empty: any.", kinds.host_names, ()
    )
    backup_folder: Path | None = _setting(
        "Folder in which backups of this installation arrive; `kring doctor` tells when the newest is old.",
        kinds.path,
        None,
    )
    language: str = _setting("Language of the pages.", kinds.language, "id")
    log_level: str = _setting("Least level that is logged.", kinds.log_level, "info")
    log_format: str = _setting(
        "`json`, `console`, or `auto`: console where a person watches.",
        kinds.one_of("auto", "json", "console"),
        "auto",
    )
    sources: Mapping[str, Source] = field(default_factory=dict, repr=False)

    @property
    def secrets_folder(self) -> Path:
        """Return the folder of generated secrets."""
        return self.home / "secrets"

    @property
    def pages_by_tls(self) -> bool:
        """Return whether pages are served by HTTPS."""
        if self.web_tls != "auto":
            return self.web_tls == "on"
        return not ipaddress.ip_address(self.web_host).is_loopback

    @property
    def web_files(self) -> tuple[Path, Path]:
        """Return the certificate of the pages and its key."""
        if self.web_certificate is not None and self.web_key is not None:
            return self.web_certificate, self.web_key
        return self.secrets_folder / "web_certificate.pem", self.secrets_folder / "web_key.pem"

    @property
    def strict_transport(self) -> bool:
        """Return whether browsers are told to come by HTTPS only, for good.

        Not with the certificate made here: behind that order a browser lets nobody past its warning.
        """
        return self.pages_by_tls and self.web_certificate is not None

    @property
    def log_folder(self) -> Path:
        """Return the folder of log files."""
        return self.home / "log"

    @property
    def database(self) -> str:
        """Return the database's address with its password, ready to connect. Never print it.

        Raises SettingsError when the password's file cannot be read.
        """
        if self.database_url is None:
            return f"sqlite:///{self.home / 'kring.db'}"
        if self.database_password_file is None:
            return self.database_url
        try:
            password = self.database_password_file.read_text().strip()
        except OSError as error:
            raise SettingsError(
                f"database_password_file: {self.database_password_file} cannot be read "
                f"({error.strerror}); create it or correct its rights"
            ) from error
        return kinds.with_password(self.database_url, password)


def keys() -> tuple[str, ...]:
    """Return the name of every setting."""
    return tuple(item.name for item in dataclasses.fields(Settings) if item.metadata)


def variable(key: str) -> str:
    """Return the name of the environment variable of a setting."""
    return PREFIX + key.upper()


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises SettingsError on the first one that cannot be used."""
    environ = os.environ if environ is None else environ
    known = {item.name: item for item in dataclasses.fields(Settings) if item.metadata}
    home = Path(environ.get(variable("home")) or CHECKOUT / "var").absolute()
    file = _file(environ, home)
    values: dict[str, Any] = {}
    sources: dict[str, Source] = dict.fromkeys(known, Source(Origin.DEFAULT))
    for key, (raw, source) in {**_from_file(file, known), **_from_environment(environ, known)}.items():
        base = file.parent if source.origin is Origin.FILE and file else Path.cwd()
        try:
            values[key] = known[key].metadata["parse"](raw, base)
        except kinds.Unusable as error:
            shown = "(hidden)" if known[key].metadata["secret"] else repr(raw)
            raise SettingsError(f"{source.where}: {key} = {shown}: {error}") from error
        sources[key] = source
    for key in SHIFTED:
        if key not in values:
            values[key] = known[key].default + values.get("port_offset", 0)
            if values[key] != known[key].default:
                sources[key] = Source(Origin.DEFAULT, "+ port_offset")
    settings = Settings(**values, sources=MappingProxyType(sources))
    for problem in problems(settings, SHIFTED, variable):
        raise SettingsError(problem)
    return settings


def shown(settings: Settings, key: str) -> str:
    """Return a setting's value for people; a password in it is hidden."""
    value = getattr(settings, key)
    if value is None:
        return "-"
    if key == "database_url":
        return kinds.without_password(value)
    if key == "ice_servers":
        return ", ".join(kinds.ice_server(server)["urls"] for server in value) or "-"
    if isinstance(value, tuple):
        return ", ".join("=".join(one) if isinstance(one, tuple) else one for one in value)
    return str(value)


def _file(environ: Mapping[str, str], home: Path) -> Path | None:
    named = environ.get(PREFIX + "CONFIG")
    if named:
        path = Path(named).absolute()
        if not path.is_file():
            raise SettingsError(f"{PREFIX}CONFIG = {named!r}: there is no such file; create it or unset it")
        return path
    path = home / FILE_NAME
    return path if path.is_file() else None


def _from_file(file: Path | None, known: Mapping[str, object]) -> dict[str, tuple[Any, Source]]:
    if file is None:
        return {}
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: not TOML: {error}; write lines such as  web_port = 8080") from error
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read ({error.strerror}); correct its rights") from error
    for key in content:
        if key not in known:
            raise SettingsError(f"{file}: {key}: unknown setting; {_suggestion(key, known)}")
        if key == "home":
            raise SettingsError(f"{file}: home: set the environment variable {variable('home')} instead")
    source = Source(Origin.FILE, str(file))
    return {key: (value, source) for key, value in content.items()}


def _from_environment(
    environ: Mapping[str, str], known: Mapping[str, object]
) -> dict[str, tuple[Any, Source]]:
    found = {}
    for name, value in environ.items():
        if not name.startswith(PREFIX) or name == PREFIX + "CONFIG" or value == "":
            continue
        key = name.removeprefix(PREFIX).lower()
        if key not in known:
            raise SettingsError(f"environment: {name}: unknown setting; {_suggestion(key, known, variable)}")
        found[key] = (value, Source(Origin.ENVIRONMENT, name))
    return found


def _suggestion(key: str, known: Mapping[str, object], spell: Any = str) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    meant = f"did you mean {spell(near[0])}? " if near else ""
    return f"{meant}`kring settings show` lists all of them"
