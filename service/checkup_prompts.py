"""What `kring doctor` looks at of the prompts: each language and codec, audio that says what texts say."""

from collections import Counter
from collections.abc import Iterator

from asterisk_conf.settings import AsteriskSettings
from prompts.errors import PromptError
from prompts.manifest import Manifest, digest
from prompts.texts import load_texts
from service.findings import Finding, warning
from service.settings import Settings

_CODECS = ("alaw", "ulaw")


def spoken(settings: Settings) -> Iterator[Finding]:
    """Whether each language's sounds are there in each codec, and say what the catalogue says."""
    try:
        texts = load_texts(settings.prompts)
        entries = Manifest.load(settings.prompts / "audio" / "manifest.json").entries
    except (PromptError, OSError):
        return  # told by `prompts`
    recordings = texts.recordings()
    stale = [
        one.key for one in recordings if one.key in entries and entries[one.key].text_hash != digest(one.text)
    ]
    if stale:
        told = f"{len(stale)} sounds say something else than the catalogue, first {stale[0]}"
        yield warning(
            "prompts", told, "kring prompts render (after: make voice), or have them spoken and adopted"
        )
    languages = Counter(one.key.partition("/")[0] for one in recordings)
    yield Finding(
        "languages", ", ".join(f"{name}: {count} sounds" for name, count in sorted(languages.items()))
    )
    laid = AsteriskSettings(home=settings.home, ari_password="", ami_password="").sounds / "kring"
    if not laid.is_dir():
        return  # they are laid down when the service starts first
    for codec in _CODECS:
        missing = [one.key for one in recordings if not (laid / f"{one.key}.{codec}").exists()]
        if missing:
            told = f"{codec}: {len(missing)} sounds are not laid down for Asterisk, first {missing[0]}"
            yield Finding(
                "codecs", told, "start the service again: it lays them down; look at the disk's room"
            )
        else:
            yield Finding("codecs", f"{codec}: all {len(recordings)} sounds are laid down for Asterisk")
