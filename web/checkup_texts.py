"""What the checks of the installation found, in words: `web/texts/findings.yaml`."""

from dataclasses import dataclass

from web.checkup_port import Finding, Value
from web.texts import Texts

_NAMED = 5  # of a list, in one sentence


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in one language. `remedy` is None where there is nothing to do."""

    title: str
    found: str
    remedy: str | None


def tell(finding: Finding, language: str, texts: Texts | None = None) -> Told:
    """Return a finding in a language: `id` or `en`. Raises KeyError: no such code, or a value is missing."""
    texts = texts or Texts.load()
    values = {name: _shown(value, language, texts) for name, value in finding.values.items()}
    remedy = f"finding_remedy.{finding.code}"
    return Told(
        texts.say(language, f"finding_about.{finding.about}"),
        texts.say(language, f"finding.{finding.code}", **values),
        texts.say(language, remedy, **values) if remedy in texts else None,
    )


def _shown(value: Value, language: str, texts: Texts) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".replace(".", "," if language == "id" else ".")
    if isinstance(value, list):
        shown = ", ".join(value[:_NAMED])
        more = len(value) - _NAMED
        return shown if more <= 0 else texts.say(language, "checkup.and_more", names=shown, count=more)
    return str(value)
