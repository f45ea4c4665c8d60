"""`kring prompts announce`: change what callers hear of this installation, as the page does."""

import asyncio
import sys
from collections.abc import Awaitable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from domain.clock import SystemClock
from prompts.library import Library
from service.floor_client import user
from service.prompt_office import OwnPromptOffice
from service.prompt_side import make_prompt_office
from service.records import open_records
from service.timeline import wib
from web.prompt_port import (
    Piece,
    PromptBlocked,
    PromptChangeRow,
    PromptRefused,
    PromptsUnavailable,
    SoundRefused,
    WantedPrompt,
    Worded,
)
from web.texts import Texts

T = TypeVar("T")
_NAME = click.argument("name")
_WHY = click.option("--why", default="", help="Why, for the record, e.g. the memo's number.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(name="announce")
def announce() -> None:
    """Change announcements and other prompts of this installation: checked, at once, on record, undone."""


@announce.command("list")
def list_() -> None:
    """List what was set here, and every announcement."""
    with _office() as office:
        for row in _run(office.all()).rows:
            if row.own or row.unfit or row.name.startswith("announce_"):
                words = [
                    "set here" if row.own else "as shipped",
                    *(["the product's text changed since"] if row.overtaken else []),
                    *(["what was set does not fit this version"] if row.unfit else []),
                ]
                click.echo(f"{row.name}: {', '.join(words)}: {row.texts.get('id', '')}")


@announce.command()
@_NAME
def show(name: str) -> None:
    """Print what callers hear of a prompt, and its last changes."""
    with _office() as office:
        detail = _run(office.detail(name))
        _tell("now", detail.now)
        for row in _run(office.changes(name, most=10)):
            _tell_change(row)


@announce.command("set")
@_NAME
@click.option("--id", "indonesian", help="The Indonesian text; left out: as it is.")
@click.option("--en", "english", help="The English text; left out: as it is.")
@click.option(
    "--id-sound", multiple=True, type=_FILE, help="Recording of the Indonesian text (of its next piece)."
)
@click.option(
    "--en-sound", multiple=True, type=_FILE, help="Recording of the English text (of its next piece)."
)
@click.option("--render", is_flag=True, help="Let the voice speak what has no recording.")
@click.option("--dry-run", is_flag=True, help="Check everything, and put nothing in force.")
@_WHY
def set_(
    name: str,
    indonesian: str | None,
    english: str | None,
    id_sound: Sequence[Path],
    en_sound: Sequence[Path],
    render: bool,
    dry_run: bool,
    why: str,
) -> None:
    """Give a prompt texts and audio; a name `announce_…` that is not there becomes a new announcement.

    Audio of a text that stays the same is kept. Recordings: WAV, FLAC, OGG or MP3 of 8 kHz or more.
    """
    with _office() as office:
        _run(
            _set(office, name, (indonesian, english), {"id": id_sound, "en": en_sound}, render, dry_run, why)
        )


@announce.command()
@_NAME
@_WHY
def restore(name: str, why: str) -> None:
    """Let callers hear the product's own again; an announcement that it does not have is gone."""
    with _office() as office:
        based_on = _run(office.detail(name)).based_on
        _tell_change(_run(office.restore(name, based_on, f"cli:{user()}", why)))


@announce.command()
@click.argument("number", type=click.IntRange(1))
@_WHY
def undo(number: int, why: str) -> None:
    """Put in force what a change, the newest of its prompt, replaced."""
    with _office() as office:
        _tell_change(_run(office.undo(number, f"cli:{user()}", why)))


async def _set(
    office: OwnPromptOffice,
    name: str,
    given: tuple[str | None, str | None],
    files: dict[str, Sequence[Path]],
    render: bool,
    dry_run: bool,
    why: str,
) -> None:
    texts = await _texts(office, name, given)
    preview = await office.preview(name, texts)
    left = {language: list(paths) for language, paths in files.items()}
    sounds: list[str] = []
    for piece in preview.after.pieces:
        sounds.append(await _sound(office, piece, left[piece.language], render))
    for language, paths in left.items():
        if paths:
            what = f"{paths[0].name}: the {language} text has no piece for it"
            raise click.ClickException(f"{what}. Remedy: give fewer --{language}-sound")
    if dry_run:
        click.echo("All is well; nothing was put in force.")
        return
    wanted = WantedPrompt(name, texts, sounds, preview.based_on, f"cli:{user()}", why)
    _tell_change(await office.put(wanted))


async def _texts(office: OwnPromptOffice, name: str, given: tuple[str | None, str | None]) -> dict[str, str]:
    try:
        now = (await office.detail(name)).now
    except KeyError:
        now = None
    before = {} if now is None else now.texts
    return {
        language: before.get(language, "") if text is None else text
        for language, text in zip(("id", "en"), given, strict=True)
    }


async def _sound(office: OwnPromptOffice, piece: Piece, files: list[Path], render: bool) -> str:
    """Return the digest of a piece's audio, kept from before, brought or rendered; empty: it has none."""
    if files:
        path = files.pop(0)
        content = await asyncio.to_thread(path.read_bytes)
        try:
            taken = await office.take(content, len(piece.text))
        except SoundRefused as error:
            raise click.ClickException(
                f"{path.name}: {_words(f'sound_{error.word}', error.values)}"
            ) from error
        for word, value in taken.notes.items():
            click.echo(f"{path.name}: {_words(f'note_{word}', {'value': value})}")
        return taken.digest
    if render and not piece.digest:
        return (await office.speak(piece.language, piece.text)).digest
    return piece.digest


@contextmanager
def _office() -> Iterator[OwnPromptOffice]:
    """Open prompts for as long as the block lasts; known problems become messages to the user."""

    async def later() -> None: ...  # a running service finds it within a second

    try:
        with open_records() as records:
            library = Library.load(records.settings.prompts)
            yield make_prompt_office(records.settings, library, records.database, SystemClock(), later)
    except PromptRefused as error:
        for one in error.troubles:
            click.echo(f"{one.field}: {_words(one.word, one.values)}", file=sys.stderr)
        raise click.ClickException("nothing was changed") from error
    except SoundRefused as error:
        raise click.ClickException(_words(f"sound_{error.word}", error.values)) from error
    except PromptBlocked as error:
        raise click.ClickException(_words(f"block_{error.word}", {})) from error
    except PromptsUnavailable as error:
        raise click.ClickException(str(error)) from error
    except KeyError as error:
        raise click.ClickException(
            "there is no such prompt or change. Remedy: kring prompts announce list"
        ) from error


def _words(word: str, values: Any) -> str:
    return Texts.load().say("en", f"prompts.{word}", **values)


def _run(work: Coroutine[Any, Any, T] | Awaitable[T]) -> T:
    async def done() -> T:
        return await work

    return asyncio.run(done())


def _tell_change(row: PromptChangeRow) -> None:
    undoes = f"  undoes {row.undoes}" if row.undoes else ""
    shipped = "  as shipped" if row.as_shipped else ""
    click.echo(f"change {row.number}  {wib(row.at)} WIB  {row.who}  {row.prompt}  {row.why}{undoes}{shipped}")
    _tell("before", row.before)
    _tell("after", row.after)


def _tell(when: str, one: Worded | None) -> None:
    if one is None:
        click.echo(f"  {when}: nothing")
        return
    for language in ("id", "en"):
        seconds = sum(piece.seconds for piece in one.pieces if piece.language == language)
        click.echo(f"  {when} {language}: {one.texts[language]} ({seconds:.1f} s)")
