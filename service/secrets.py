"""The installation's own secrets: made once at set-up, readable by their owner only, never printed."""

import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from asterisk_conf import certificate
from asterisk_conf.settings import LEGAL_HOURS, AsteriskSettings, Wss
from service.settings import Settings

if TYPE_CHECKING:
    from storage.database import Database

PASSWORDS = ("ari_password", "ami_password", "floor_token")
MASTER_KEY = "master_key"
RECORDING_KEYS = "recording_keys"


class SecretsError(Exception):
    """A secret is missing or open to others. The message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What was read. Nothing in it shows in a traceback, a log or `repr`."""

    ari_password: str = field(repr=False)
    ami_password: str = field(repr=False)
    floor_token: str = field(repr=False)  # with it the command line uses the floor's API
    master_key_file: Path  # storage reads and writes its own format


def make_secrets(settings: Settings) -> list[str]:
    """Create the secrets that are missing, and return their names. Existing ones stay.

    The browsers' certificates are made anew when they are about to expire. Raises SecretsError.
    """
    folder = settings.secrets_folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    made = []
    for name in PASSWORDS:
        path = folder / name
        if not path.exists():
            # Letters, digits, - and _ only: the value goes into Asterisk's configuration files.
            _write(path, secrets.token_urlsafe(32))
            made.append(name)
    try:
        for shown, key, host in certificates(settings):
            if certificate.ensure(shown, key, host):
                made.append(shown.name)
    except certificate.CertificateProblem as error:
        raise SecretsError(str(error)) from error
    return made


def make_master_key(settings: Settings) -> list[str]:
    """Create the key that seals personal values, if there is none; return its name if it was made.

    A lost key cannot be replaced by a new one: what it sealed stays closed. So a home folder with a
    database but without a key is refused. Raises SecretsError.
    """
    from storage.vault import Vault

    path = settings.secrets_folder / MASTER_KEY
    if path.exists():
        return []
    if settings.database_url is None and (settings.home / "kring.db").exists():
        raise SecretsError(
            f"{path}: missing, but a database is there, whose personal values only this key opens; restore "
            f"it from a backup, or move {settings.home / 'kring.db'} away to begin anew"
        )
    Vault.create(path)
    return [MASTER_KEY]


def make_recording_keys(settings: Settings, database: "Database") -> list[str]:
    """Create the key file of recordings, if there is none; return its name if it was made.

    Where recordings were sealed a new file would open none of them: it is not made. Calls go on, plain audio
    waits, and an alarm asks for the file to be restored. Raises SecretsError, DatabaseProblem.
    """
    from recording.keys import KeysProblem, RecordingKeys
    from storage.sealing import anything_sealed

    path = settings.secrets_folder / RECORDING_KEYS
    if path.exists() or database.read_now(anything_sealed):
        return []
    try:
        RecordingKeys.create(path)
    except KeysProblem as error:
        raise SecretsError(str(error)) from error
    return [RECORDING_KEYS]


def read_secrets(settings: Settings) -> Secrets:
    """Read the secrets. Raises SecretsError when one is missing or open to others."""
    for problem in problems(settings):
        raise SecretsError(problem)
    folder = settings.secrets_folder
    values = {name: (folder / name).read_text().strip() for name in PASSWORDS}
    return Secrets(**values, master_key_file=folder / MASTER_KEY)


def asterisk_settings(settings: Settings, secrets: Secrets) -> AsteriskSettings:
    """Return what Asterisk's configuration is rendered from."""
    return AsteriskSettings(
        home=settings.home,
        ari_password=secrets.ari_password,
        ami_password=secrets.ami_password,
        sip_host=settings.sip_host,
        sip_port=settings.sip_port,
        ari_port=settings.ari_port,
        ami_port=settings.ami_port,
        wss=wss_settings(settings),
        rtp_first=settings.rtp_first,
        rtp_last=settings.rtp_last,
        trunks=settings.trunks,
        outbound=settings.outbound,
        outbound_lines=settings.outbound_lines,
        outbound_hours=(0, 24) if settings.outbound_hours == "always" else LEGAL_HOURS,
        max_calls=settings.max_calls,
    )


def wss_settings(settings: Settings) -> Wss:
    """Return where browsers connect, and with which certificate."""
    folder = settings.secrets_folder
    return Wss(settings.wss_host, settings.wss_port, folder / "wss_certificate.pem", folder / "wss_key.pem")


def certificate_host(settings: Settings) -> str:
    """Return the name or address that browsers know this machine by."""
    return settings.wss_name or settings.wss_host


def certificates(settings: Settings) -> list[tuple[Path, Path, str]]:
    """Return every certificate that browsers are shown, its key, and the name it has to be for."""
    wss = wss_settings(settings)
    found = [(wss.certificate, wss.key, certificate_host(settings))]
    if settings.pages_by_tls:
        found.append((*settings.web_files, settings.wss_name or settings.web_host))
    return found


def problems(settings: Settings) -> list[str]:
    """Return what is wrong with the secrets' files, each with its remedy."""
    missing = [
        f"{path}: missing; run `kring serve --set-up` to make it" for path in missing_secrets(settings)
    ]
    seen = [f"{path}: others may read it; run: chmod 600 {path}" for path in open_secrets(settings)]
    return missing + seen


def missing_secrets(settings: Settings) -> Iterator[Path]:
    """Return the files of passwords that are not there."""
    for name in PASSWORDS:
        if not (path := settings.secrets_folder / name).is_file():
            yield path


def open_secrets(settings: Settings) -> Iterator[Path]:
    """Return the secret files that others than their owner may read."""
    folder = settings.secrets_folder
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield path


def _write(path: Path, text: str) -> None:
    # Created with its final rights and moved into place: no moment in which others could read it,
    # and no half of it after a crash.
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600, exist_ok=False)
    fresh.write_text(text + "\n")
    fresh.replace(path)
