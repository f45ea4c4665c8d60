"""What must be there before the service can start: made at the first start, checked at every one."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from asterisk_conf.debian import PackagesUnavailable
from asterisk_conf.program import AsteriskProgram, find_asterisk
from asterisk_conf.settings import AsteriskSettings
from call_flows.book import FlowBook, load_folder
from call_flows.known import Known
from call_flows.problems import FlowError
from domain.staff import StaffUnavailable
from ivr.hours import OfficeHours
from ivr.hours_tables import TableProblem, load_office_hours
from prompts.errors import PromptError
from prompts.library import Library
from recording.sound_store import StoreAway
from service.config_lay_down import lay_down_tables
from service.first_sign_in import make_first_administrator
from service.prompt_force import lay_down_prompts
from service.recording_sealing_side import make_store
from service.secrets import (
    Secrets,
    SecretsError,
    asterisk_settings,
    make_master_key,
    make_recording_keys,
    make_secrets,
    read_secrets,
)
from service.settings import Settings, SettingsError
from service.tree import StartFailed
from storage.changes import DurableChanges
from storage.database import Database, DatabaseProblem
from storage.directory import DatabaseDirectory
from storage.own_prompts import DurableOwnPrompts
from storage.synthetic import synthetic_taxpayers
from storage.vault import Vault, VaultProblem

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """An installation that is ready to start."""

    settings: Settings
    secrets: Secrets
    asterisk: AsteriskSettings
    program: AsteriskProgram | None  # None: somebody else runs Asterisk
    library: Library
    hours: OfficeHours
    known: Known
    book: FlowBook  # of the flows as they are at this moment


def prepare(settings: Settings, say: Say) -> Prepared:
    """Make and check everything; `say` tells each step that takes time. Blocking.

    Raises StartFailed with the remedy. Leaves no thread and no open connection behind: the process is
    forked afterwards.
    """
    try:
        return _prepare(settings, say)
    except FlowError as error:
        raise StartFailed(f"{settings.flows}: {error}") from error
    except (
        DatabaseProblem,
        PackagesUnavailable,
        PromptError,
        SecretsError,
        SettingsError,
        StaffUnavailable,
        StoreAway,
        TableProblem,
        VaultProblem,
    ) as error:
        raise StartFailed(str(error)) from error
    except OSError as error:
        raise StartFailed(
            f"{error.filename}: {error.strerror}; correct its rights or set KRING_HOME"
        ) from error


def _prepare(settings: Settings, say: Say) -> Prepared:
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if made := [*make_secrets(settings), *make_master_key(settings)]:
        say(f"made secrets in {settings.secrets_folder}: {', '.join(made)}")
    secrets = read_secrets(settings)
    asterisk = asterisk_settings(settings, secrets)
    program = find_asterisk(settings.cache, say) if settings.asterisk_mode == "embedded" else None
    library = Library.load(settings.prompts)
    start = time.monotonic()
    if written := library.install(asterisk.sounds):
        say(f"laid down {written} sounds for Asterisk ({time.monotonic() - start:.1f} s)")
    new = settings.database_url is None and not (settings.home / "kring.db").exists()
    database = Database.open(settings.database)
    try:
        # Until a register is connected, callers are looked up in a table of made-up taxpayers.
        vault = Vault.load(secrets.master_key_file)
        register = DatabaseDirectory(database, vault)
        if made := make_recording_keys(settings, database):
            say(f"made secrets in {settings.secrets_folder}: {', '.join(made)}")
        make_store(settings, database)
        filled = register.fill_if_empty(synthetic_taxpayers())
        lay_down_tables(settings.home, DurableChanges(database, vault), say)
        lay_down_prompts(library, DurableOwnPrompts(database), asterisk.sounds, say)
        if make_first_administrator(settings, database, vault):
            say(f"made the first administrator; the one-time password is in {settings.secrets_folder}")
    finally:
        database.close()
    if new:
        say(f"created the database {settings.home / 'kring.db'} with {filled} made-up taxpayers")
    known = Known.of(library)
    book = load_folder(settings.flows, known)
    return Prepared(settings, secrets, asterisk, program, library, load_office_hours(), known, book)
