"""`kring prompts`: check, render, adopt, recognise, install and list what callers hear."""

import importlib
import sys
from pathlib import Path

import click

from prompts.check import Level, check
from prompts.errors import PromptError
from prompts.library import Library
from prompts.manifest import Manifest
from prompts.pronunciation import Lexicon
from prompts.render import Workshop, adopt, render
from prompts.texts import LANGUAGES, load_texts
from prompts.usage import names_used
from service.commands.prompts_announce import announce

CHECKOUT = Path(__file__).resolve().parents[2]
REPORT = CHECKOUT / "docs" / "prompts-report.md"
# Where prompts are named: flows, the verbs' defaults, agents' dial codes, the dialplan for when the
# service is away.
USERS = ("call_flows", "asterisk_conf/templates", "ivr", "service")


class _Errors(click.Group):
    """Shows what is wrong with a prompt as a sentence instead of a trace."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except PromptError as error:
            raise click.ClickException(str(error)) from error


@click.group(name="prompts", cls=_Errors)
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=CHECKOUT / "prompts",
    show_default="this checkout's",
    help="The prompts' folder.",
)
@click.pass_context
def command(ctx: click.Context, folder: Path) -> None:
    """Check, render and recognise the prompts."""
    ctx.obj = folder


def _workshop(folder: Path) -> Workshop:
    return Workshop(
        folder / "audio",
        load_texts(folder),
        Lexicon.load(folder / "lexicon.yaml"),
        Manifest.load(folder / "audio" / "manifest.json"),
    )


def _report_is_about(shop: Workshop) -> bool:
    written = REPORT.read_text(encoding="utf-8") if REPORT.exists() else ""
    return f"Audio: {shop.manifest.audio_digest()}" in written


@command.command(name="list")
@click.option("--language", type=click.Choice(LANGUAGES), default="id", show_default=True)
@click.pass_obj
def list_prompts(folder: Path, language: str) -> None:
    """Print every prompt's name and text."""
    prompts = load_texts(folder).prompts
    for name in sorted(prompts):
        prompt = prompts[name]
        click.echo(f"{name}: {prompt.texts.get(language, f'({prompt.sound})' if prompt.sound else '-')}")


@command.command(name="check")
@click.option("--notices", is_flag=True, help="List the notices, too: what is still synthetic.")
@click.pass_obj
def check_prompts(folder: Path, notices: bool) -> None:
    """Find missing, stale, unfit and unused prompts; exit 1 if any is an error."""
    shop = _workshop(folder)
    found = check(shop, names_used(CHECKOUT / user for user in USERS))
    errors = [problem for problem in found if problem.level is Level.ERROR]
    for problem in found if notices else errors:
        click.echo(f"{problem.level}: {problem.where}: {problem.what}")
    if not _report_is_about(shop):
        click.echo(f"notice: {REPORT.name} is about other audio; run `kring prompts recognise --report …`")
    click.echo(f"{len(errors)} errors, {len(found) - len(errors)} notices (sounds still synthetic)")
    sys.exit(1 if errors else 0)


@command.command(name="render")
@click.option("--only", multiple=True, metavar="NAME", help="Render only this prompt or word; repeatable.")
@click.option("--again", is_flag=True, help="Render fresh ones, too.")
@click.option("--espeak", is_flag=True, help="Use espeak-ng, the last resort, instead of Kokoro.")
@click.pass_obj
def render_prompts(folder: Path, only: tuple[str, ...], again: bool, espeak: bool) -> None:
    """Make the audio that is missing or stale."""
    voices = importlib.import_module("prompts.voices")
    voice = voices.EspeakVoice() if espeak else voices.KokoroVoice()
    made = render(_workshop(folder), voice, only, lambda key: click.echo(key), again=again)
    click.echo(f"{made} files made")


@command.command(name="adopt")
@click.pass_obj
def adopt_recordings(folder: Path) -> None:
    """Enter recordings that were put in place of rendered files into the manifest."""
    shop = _workshop(folder)
    for key in adopt(shop):
        click.echo(f"recorded: {key}")
    shop.manifest.save()


@command.command(name="install")
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def install_sounds(folder: Path, target: Path) -> None:
    """Lay all sounds below TARGET, Asterisk's sounds folder, as A-law and µ-law."""
    written = Library.load(folder).install(target)
    click.echo(f"{written} sounds written" if written else "all sounds in place")


@command.command(name="recognise")
@click.option("--only", multiple=True, metavar="NAME", help="Recognise only this prompt; repeatable.")
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Write the report to this file, too."
)
@click.pass_obj
def recognise_prompts(folder: Path, only: tuple[str, ...], report: Path | None) -> None:
    """Let a recogniser listen to the prompts and print the word error rates."""
    recognise = importlib.import_module("prompts.recognise")
    hearings = []
    for hearing in recognise.recognise(folder, only):
        click.echo(f"{hearing.rate:5.0%}  {hearing.language} {hearing.name}: {hearing.heard}")
        hearings.append(hearing)
    reporting = importlib.import_module("prompts.report")
    click.echo(reporting.verdict(hearings))
    if report:
        report.write_text(
            reporting.report(hearings, _workshop(folder).manifest.audio_digest()), encoding="utf-8"
        )


command.add_command(announce)
