"""Prompts as an installation set them itself: over those of the catalogue, or announcements beside them.

Their audio is known by its digest, and each version lies under a name of its own: what Asterisk is playing is
never written over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from prompts.errors import BadCatalogue, PromptError
from prompts.manifest import digest
from prompts.texts import LANGUAGES, Prompt, Recording, Slot, make_prompt, piece_key

OWN_PREFIX = "kring-own/"  # the folder below Asterisk's sounds folder
NEW_PREFIX = "announce_"  # only announcements can be added: flows name all other prompts
LONGEST_TEXT = 900  # characters: about a minute of speech
_NO_SPEECH = " ,.;:!?"  # what is written and not said
_FASTEST, _SLOWEST = 26, 6  # characters a second
_SHOWN_DIGITS = 16  # of a digest, in a sound's name


@dataclass(frozen=True, slots=True)
class OwnText:
    """What was set for a prompt: a text per language, and the audio of each piece by its digest."""

    texts: Mapping[str, str]
    sounds: Mapping[str, str]  # piece key (`id/announce_busy`) → SHA-256 of its WAV file


@dataclass(frozen=True, slots=True)
class OwnPrompt:
    """A prompt in force that is this installation's own."""

    prompt: Prompt
    sounds: Mapping[str, str]  # piece key → SHA-256 of its WAV file

    def sound(self, key: str) -> str:
        """Name a piece's sound as Asterisk knows it. Raises KeyError."""
        return OWN_PREFIX + own_file(key, self.sounds[key])


@dataclass(frozen=True, slots=True)
class TextProblem:
    """What is wrong with a text. `word` names the reason in the catalogue of texts (`prompts.bad_…`)."""

    language: str
    word: str
    values: Mapping[str, str] = field(default_factory=dict)  # what the reason's words have in braces


class TextsRefused(PromptError):
    """Texts cannot be a prompt; nothing was kept."""

    def __init__(self, problems: Sequence[TextProblem]) -> None:
        super().__init__("; ".join(f"{one.language}: {one.word}" for one in problems))
        self.problems = tuple(problems)


def own_file(key: str, sha256: str) -> str:
    """Name the file of a version of a piece, without its ending: `id/announce_busy-3f0c…`."""
    return f"{key}-{sha256[:_SHOWN_DIGITS]}"


def plain(text: str) -> str:
    """Return a text as it is kept: on one line, single blanks."""
    return " ".join(text.split())


def own_prompt(name: str, texts: Mapping[str, str], shipped: Prompt | None) -> Prompt:
    """Return texts as a prompt. `shipped`: that of the catalogue; None: an announcement beside it.

    Both languages must be there, and values be spoken as the catalogue has them: whoever plays the prompt
    gives those and no others. Raises TextsRefused with every problem.
    """
    problems = [
        problem for language in LANGUAGES for problem in _problems(name, language, texts.get(language, ""))
    ]
    if problems:
        raise TextsRefused(problems)
    made = make_prompt(name, {language: texts[language] for language in LANGUAGES})
    problems = [
        TextProblem(language, "values", {"values": _shown(wanted) or "–"})
        for language in LANGUAGES
        if _slots(made, language) != (wanted := _slots(shipped, language))
    ]
    if problems:
        raise TextsRefused(problems)
    return made


def pieces(prompt: Prompt) -> tuple[Recording, ...]:
    """List what has to be spoken for a prompt, in order: Indonesian, then English."""
    return tuple(
        Recording(piece_key(prompt, language, index), language, part)
        for language in LANGUAGES
        for index, part in enumerate(prompt.parts.get(language, ()))
        if isinstance(part, str)
    )


def usable(
    own: Mapping[str, OwnText], shipped: Mapping[str, Prompt]
) -> tuple[dict[str, OwnPrompt], list[str]]:
    """Return what can be played, by name, and the names of what this version of the product cannot take.

    A newer catalogue may speak other values in a prompt, or have it no more.
    """
    fit: dict[str, OwnPrompt] = {}
    unfit: list[str] = []
    for name, one in own.items():
        base = shipped.get(name)
        try:
            if base is None and not name.startswith(NEW_PREFIX):
                raise BadCatalogue(f"the catalogue has no prompt {name!r}")
            prompt = own_prompt(name, one.texts, base)
        except PromptError:
            unfit.append(name)
            continue
        if {piece.key for piece in pieces(prompt)} <= set(one.sounds):
            fit[name] = OwnPrompt(prompt, one.sounds)
        else:
            unfit.append(name)
    return fit, unfit


def texts_digest(texts: Mapping[str, str]) -> str:
    """One hash over a prompt's texts, to tell later whether they are the same."""
    return digest("\n".join(f"{language} {texts[language]}" for language in sorted(texts)))


def pace(characters: int, seconds: float) -> str:
    """Tell whether a recording is far from the length of its text: `hurried`, `slow`, or empty.

    People speak about 15 characters a second; a recording of another text mostly stands out by this.
    """
    if characters > seconds * _FASTEST:
        return "hurried"
    return "slow" if 0 < characters < (seconds - 1.5) * _SLOWEST else ""


def _problems(name: str, language: str, text: str) -> list[TextProblem]:
    if not text.strip(_NO_SPEECH):
        return [TextProblem(language, "empty")]
    if len(text) > LONGEST_TEXT:
        return [TextProblem(language, "long", {"most": str(LONGEST_TEXT), "given": str(len(text))})]
    if not text.isprintable():
        return [TextProblem(language, "signs")]
    try:
        prompt = make_prompt(name, {language: text})
    except BadCatalogue:
        return [TextProblem(language, "braces")]
    if not any(isinstance(part, str) for part in prompt.parts[language]):
        return [TextProblem(language, "empty")]
    return []


def _slots(prompt: Prompt | None, language: str) -> tuple[tuple[str, str], ...]:
    if prompt is None:
        return ()
    parts = prompt.parts.get(language, ())
    return tuple(sorted({(part.name, part.kind) for part in parts if isinstance(part, Slot)}))


def _shown(slots: Sequence[tuple[str, str]]) -> str:
    return " ".join(f"{{{name}:{kind}}}" for name, kind in slots)
