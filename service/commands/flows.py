"""`kring flows`: check and draw the call flows."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from call_flows.book import FlowBook

DRAWN = Path(__file__).parents[2] / "docs" / "flows"


@click.group()
def command() -> None:
    """Check and draw the call flows."""


@command.command()
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
def check(path: Path | None) -> None:
    """Check the flows of a folder (the one in force if none is given), or one changed file among them.

    Every mistake is told with file, line and remedy; the exit status is then 1.
    """
    book = _book(path)
    menus = sum(step.verb == "menu" for step in book.steps.values())
    click.echo(
        f"{len(book.flows)} flows, {len(book.steps)} steps, {menus} menus, {len(book.queues())} queues:"
        f" all in order. Version {book.version}"
    )


@command.command()
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--to", "target", type=click.Path(file_okay=False, path_type=Path), default=DRAWN)
def draw(path: Path | None, target: Path) -> None:
    """Draw the flows as pages with pictures for people who do not program."""
    from call_flows.drawing import pages
    from prompts.texts import load_texts

    texts = {name: prompt.texts for name, prompt in load_texts(_settings_folder("prompts")).prompts.items()}
    drawn = pages(_book(path), texts)
    target.mkdir(parents=True, exist_ok=True)
    for old in target.iterdir():
        if old.name not in drawn and old.suffix in {".md", ".svg"}:
            old.unlink()
    for name, content in drawn.items():
        (target / name).write_text(content, encoding="utf-8")
    click.echo(f"{len(drawn)} files in {target}")


def _settings_folder(key: str) -> Path:
    from service.settings import SettingsError, load_settings

    try:
        settings = load_settings()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    folder: Path = getattr(settings, key)
    return folder


def _book(path: Path | None) -> "FlowBook":
    from call_flows.book import FlowBook, read_folder
    from call_flows.known import Known
    from call_flows.problems import FlowError
    from prompts.errors import BadCatalogue
    from prompts.library import Library

    folder = path if path and path.is_dir() else _settings_folder("flows")
    files = read_folder(folder)
    if path and path.is_file():
        files[path.name] = path.read_text(encoding="utf-8")
    try:
        return FlowBook.from_files(files, Known.of(Library.load(_settings_folder("prompts"))))
    except FlowError as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        raise click.ClickException(f"{len(error.problems)} mistakes; these flows would be refused") from error
    except BadCatalogue as error:
        raise click.ClickException(str(error)) from error
