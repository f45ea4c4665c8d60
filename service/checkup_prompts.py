"""What `kring doctor` looks at of prompts: languages, codecs, audio that says its text, what was set here."""

from collections import Counter
from collections.abc import Iterator, Sequence

from asterisk_conf.settings import AsteriskSettings
from prompts.errors import PromptError
from prompts.manifest import Manifest, digest
from prompts.own import texts_digest, usable
from prompts.texts import load_texts
from service.findings import good, warning, wrong
from service.prompt_force import own_texts
from service.settings import Settings
from storage.database import Database
from storage.own_prompts import DurableOwnPrompts
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


async def set_here(settings: Settings, database: Database) -> Sequence[Finding]:
    """Whether prompts that were set here fit this version, and the product's texts are what they were."""
    try:
        catalogue = load_texts(settings.prompts).prompts
    except PromptError:
        return []  # told by `prompts`
    store = DurableOwnPrompts(database)
    changes = await store.in_force()
    own = own_texts(changes)
    _, unfit = usable(own, catalogue)
    sounds = await store.sounds([digest for one in own.values() for digest in one.sounds.values()])
    silent = [name for name, one in own.items() if not set(one.sounds.values()) <= set(sounds)]
    overtaken = [
        name
        for name in own
        if name in catalogue and changes[name].shipped_digest != texts_digest(catalogue[name].texts)
    ]
    found = [good("own_prompts", "own_prompts", count=len(own))]
    if lost := sorted({*unfit, *silent}):
        found.append(wrong("own_prompts", "own_prompts_unfit", count=len(lost), names=lost))
    if kept := sorted(set(overtaken) - set(unfit)):
        found.append(warning("own_prompts", "own_prompts_overtaken", count=len(kept), names=kept))
    return found
