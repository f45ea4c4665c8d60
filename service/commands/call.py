"""`kring call`: a real SIP call from the command line."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from prompts.errors import PromptError
from service.phone.calls import PhoneCall
from service.phone.client import DEFAULT_CALLER, PhoneUnusable, Telephone
from service.phone.hearing import NothingToRecognise, load_sounds
from service.phone.keyboard import play_by_hand
from service.phone.script import GRAMMAR, BadScript, Deed, perform, read_script, wait_or_end
from service.phone.telling import Teller
from service.settings import SettingsError, load_settings
from storage.synthetic import examples, synthetic_taxpayers

LOCAL = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class _Plan:
    """What one invocation is to do."""

    number: str
    target: str
    caller: str
    prompts: Path
    language: str | None
    deeds: tuple[Deed, ...] | None  # None: keys come from the terminal
    listen: float
    as_json: bool
    save: Path | None


@click.command(
    epilog="\b\nThe keys of --press:\n"
    + GRAMMAR
    + "\nWithout --press the keys typed here are pressed; q hangs up."
)
@click.argument("number")
@click.option("--press", "script", metavar="KEYS", help="What to press and when; see below.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
@click.option("--target", metavar="HOST:PORT", help="Where to send the call.  [default: this installation]")
@click.option("--from", "caller", default=DEFAULT_CALLER, show_default=True, help="The number shown as ours.")
@click.option("--language", type=click.Choice(["id", "en"]), help="Recognise prompts of this language only.")
@click.option(
    "--listen",
    default=10.0,
    show_default=True,
    help="Seconds to go on listening after the last key, before hanging up.",
)
@click.option(
    "--save", type=click.Path(dir_okay=False, path_type=Path), help="Write what is heard to a WAV file."
)
def command(
    number: str,
    script: str | None,
    as_json: bool,
    target: str | None,
    caller: str,
    language: str | None,
    listen: float,
    save: Path | None,
) -> None:
    """Place a real SIP call, press keys, and print what is heard.

    Prints a line for each prompt (recognised by its sound), for the keys, and for the end. Exits
    with 0 if the call was answered and ended normally.
    """
    try:
        settings = load_settings()
        deeds = tuple(read_script(script, _words())) if script is not None else None
        plan = _Plan(
            number=number,
            target=target or f"{LOCAL}:{settings.sip_port}",
            caller=caller,
            prompts=settings.prompts,
            language=language,
            deeds=deeds,
            listen=listen,
            as_json=as_json,
            save=save,
        )
        good = asyncio.run(_place(plan))
    except (BadScript, NothingToRecognise, PhoneUnusable, PromptError, SettingsError) as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0 if good else 1)


def _words() -> dict[str, str]:
    """Return the keys for the words of a script, from this installation's synthetic taxpayers."""
    names = ("npwp", "npwp15", "woman", "company", "company15", "dormant")
    return dict(zip(names, (digits for digits, _ in examples(synthetic_taxpayers())), strict=True))


async def _place(plan: _Plan) -> bool:
    library = load_sounds(plan.prompts, plan.language)
    teller = Teller(lambda line: print(line, flush=True), plan.as_json, plan.deeds or ())
    async with Telephone(plan.target, library) as phone:
        try:
            call = await phone.call(plan.number, plan.caller, keep_audio=plan.save is not None, watch=teller)
        except TimeoutError as error:
            raise PhoneUnusable(f"{plan.target} does not answer the call; is the service running?") from error
        if call.answered_at is not None:
            await _talk(call, plan, teller)
        if plan.save is not None:
            call.save(plan.save)
    return call.answered_at is not None and call.ended is not None and call.ended.status == 200


async def _talk(call: PhoneCall, plan: _Plan, teller: Teller) -> None:
    if plan.deeds is None:
        await play_by_hand(call, teller)
    else:
        try:
            await perform(call, plan.deeds)
        except TimeoutError:
            click.echo("nothing was heard for 60 s; hanging up", err=True)

        await wait_or_end(call, plan.listen)
    await call.hang_up()
