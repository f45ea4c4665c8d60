"""The words of an agent's outbound work: outcomes, what follows, times on the callee's clock."""

from collections.abc import Mapping
from datetime import datetime

from dialer.campaigns import Window
from dialer.disposed import Disposed
from dialer.disposition_desk import Consequences
from dialer.leads import LeadState
from dialer.windows import bounds
from domain.masking import HIDDEN
from domain.zones import Zone
from web.texts import LANGUAGES, Texts

DATE = "%d.%m.%Y"


class OutboundWords:
    """Texts in one language; what has no text stands for itself."""

    def __init__(self, texts: Texts, language: str) -> None:
        self._texts = texts
        self.language = language

    def say(self, name: str, **values: object) -> str:
        """Return a text."""
        return self._texts.say(self.language, name, **values)

    def both(self, name: str, **values: object) -> dict[str, str]:
        """Return a text in each language."""
        return {language: self._texts.say(language, name, **values) for language in LANGUAGES}

    def field(self, name: str) -> str:
        """Return what a contact's field is called."""
        return self._word(f"outbound_field.{name}", name.replace("_", " "))

    def group(self, key: str) -> str:
        """Return the name of a group of taxpayers; empty for none."""
        return self._word(f"card.group_{key}", key.replace("_", " ")) if key else ""

    def outcome(self, word: str) -> str:
        """Return what became of a dial, or why it was not sent."""
        return self._word(f"outbound_outcome.{word}", self._word(f"outbound_why.{word}", word))

    def zone(self, zone: Zone) -> str:
        """Return a zone's name."""
        return self.say(f"outbound.zone_{zone.value}")

    def local(self, at: datetime, zone: Zone, form: str = f"{DATE} %H.%M") -> str:
        """Return a time on the callee's clock, with its zone."""
        here = at.astimezone(zone.shown_in)
        return f"{here.strftime(form)} {here.tzname()}"

    def window(self, window: Window, zone: Zone) -> str:
        """Return from when to when the callee may be called."""
        opens, closes = bounds(window)
        return self.say(
            "outbound.window", opens=f"{opens:%H.%M}", closes=f"{closes:%H.%M}", zone=self.zone(zone)
        )

    def follows(self, found: Consequences, zone: Zone) -> list[str]:
        """Return what follows from a disposition, sentence by sentence."""
        row, after = found.row, found.after
        said = []
        if row.promised_on is not None:
            said.append(self.say("outbound.follows_promise", day=row.promised_on.strftime(DATE)))
        if after.promised:
            who = "mine" if after.owner else "anyone"
            said.append(self.say(f"outbound.follows_callback_{who}", at=self.local(after.due_at, zone)))
        elif after.state is LeadState.READY:
            said.append(self.say("outbound.follows_again", at=self.local(after.due_at, zone)))
        else:
            reason = after.reason
            name = f"outbound.follows_{reason}"
            said.append(self.say(name if name in self._texts else "outbound.follows_done"))
        if found.suppress:
            kind = "all" if len(found.suppress) > 1 else "number"
            said.append(self.say(f"outbound.follows_suppressed_{kind}"))
        return said

    def disposition(self, row: Disposed, offered: Mapping[str, str]) -> str:
        """Return a disposition's words."""
        return offered.get(row.code) or self._word(f"outbound_outcome.{row.code}", row.code.replace("_", " "))

    def _word(self, name: str, otherwise: str) -> str:
        return self._texts.say(self.language, name) if name in self._texts else otherwise


def mask_name(name: str) -> str:
    """Return a name by its initials: enough to tell two contacts apart, not to know one."""
    return " ".join(f"{part[0]}{HIDDEN}" for part in name.split())
