"""What flows may refer to outside themselves: prompts, look-ups, checks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from call_flows.checks import CHECKS, Check
from call_flows.look_ups import LOOK_UPS, LookUpShape

LANGUAGES = {"id": "Indonesian", "en": "English"}


@dataclass(frozen=True, slots=True)
class KnownPrompt:
    """What a flow needs to know of a prompt: where it exists, and which facts it speaks."""

    languages: frozenset[str] = frozenset(LANGUAGES)
    values: tuple[str, ...] = ()


class PromptNames(Protocol):
    """A prompt library, as far as flows are concerned."""

    def names(self) -> frozenset[str]:
        """Return every prompt's name."""
        ...

    def languages(self, name: str) -> frozenset[str]:
        """Return the languages in which a prompt can be played."""
        ...

    def slots(self, name: str) -> frozenset[str]:
        """Return the names of the values that a prompt speaks."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that a flow may name."""

    prompts: Mapping[str, KnownPrompt]
    checks: Mapping[str, Check]
    look_ups: Mapping[str, LookUpShape] = field(default_factory=lambda: LOOK_UPS)
    any_prompt: bool = False  # whether flows may name prompts that are not there

    @classmethod
    def of(cls, library: PromptNames, checks: Mapping[str, Check] = CHECKS) -> "Known":
        """Return what flows may name, given a prompt library and the named checks."""
        prompts = {
            name: KnownPrompt(library.languages(name), tuple(sorted(library.slots(name))))
            for name in library.names()
        }
        return cls(prompts, checks)
