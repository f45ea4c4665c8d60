"""Which prompts Asterisk plays by itself, while the service is away or beside it: they stay as they ship."""

import re

from asterisk_conf.settings import NOBODY_PROMPTS
from service.settings import CHECKOUT

_TEMPLATES = CHECKOUT / "asterisk_conf" / "templates"
_PLAYED = re.compile(r"kring/(?:id|en)/([a-z0-9_]+)")


def fixed_prompts() -> frozenset[str]:
    """Return their names. Its configuration names their files, and reads them at a start only."""
    texts = [path.read_text(encoding="utf-8") for path in _TEMPLATES.glob("*.conf")]
    return frozenset({*NOBODY_PROMPTS, *(name for text in texts for name in _PLAYED.findall(text))})
