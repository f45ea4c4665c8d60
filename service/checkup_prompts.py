"""What `kring doctor` looks at of the prompts: each language and codec, audio that says what texts say."""

from collections import Counter
from collections.abc import Iterator

from asterisk_conf.settings import AsteriskSettings
from prompts.errors import PromptError
from prompts.manifest import Manifest, digest
from prompts.texts import load_texts
from service.findings import good, warning, wrong
from service.settings import Settings
from web.checkup_port import Finding

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
        yield warning("prompts", "prompts_stale", count=len(stale), first=stale[0])
    languages = Counter(one.key.partition("/")[0] for one in recordings)
    yield good("languages", "languages", counts=[f"{name}: {n}" for name, n in sorted(languages.items())])
    laid = AsteriskSettings(home=settings.home, ari_password="", ami_password="").sounds / "kring"
    if not laid.is_dir():
        return  # they are laid down when the service starts first
    for codec in _CODECS:
        missing = [one.key for one in recordings if not (laid / f"{one.key}.{codec}").exists()]
        if missing:
            yield wrong("codecs", "codec_missing", codec=codec, count=len(missing), first=missing[0])
        else:
            yield good("codecs", "codec", codec=codec, count=len(recordings))
