"""Cross effects: which apply, and what they decide. Pure.

An effect looks at what was answered and at facts, never at points or at what another effect decided, and zero
wins over full. So applying effects again, or in another order, changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recording.quality.forms import Effect, Form

Known = Mapping[str, str]
"""What is known: of items, parts and facts their value; what is not answered yet is not in it."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What effects decide: item → the first effect in the form's order that does."""

    applied: tuple[str, ...]  # codes, in the form's order
    zero: Mapping[str, str]
    full: Mapping[str, str]  # without items that are in `zero`

    def by(self, item: str) -> str:
        """Return the effect that decides an item; empty: none does."""
        return self.zero.get(item) or self.full.get(item, "")


def decide(form: Form, known: Known, effects: Sequence[Effect] | None = None) -> Decided:
    """Return what a form's effects decide. `effects`: in place of the form's own."""
    applied = [one for one in (form.effects if effects is None else effects) if holds(one, known)]
    place = {effect.code: at for at, effect in enumerate(form.effects)}
    applied.sort(key=lambda effect: place.get(effect.code, len(place)))
    zero: dict[str, str] = {}
    full: dict[str, str] = {}
    for effect in applied:
        for decided, targets in ((zero, effect.zero), (full, effect.full)):
            for target in targets:
                for item in items_of(form, target):
                    decided.setdefault(item, effect.code)
    full = {item: code for item, code in full.items() if item not in zero}
    return Decided(tuple(dict.fromkeys(effect.code for effect in applied)), zero, full)


def holds(effect: Effect, known: Known) -> bool:
    """Whether an effect applies."""
    return all(known.get(code) in values for code, values in effect.when.items())


def undecided(form: Form, known: Known, decided: Decided) -> frozenset[str]:
    """Return what is not known and could still make an effect decide something."""
    found: set[str] = set()
    for effect in form.effects:
        decides = {item for target in (*effect.zero, *effect.full) for item in items_of(form, target)}
        open_ = [code for code in effect.when if code not in known]
        if not decides <= decided.zero.keys() and all(
            known[code] in values for code, values in effect.when.items() if code in known
        ):
            found.update(open_)
    return frozenset(found)


def items_of(form: Form, target: str) -> tuple[str, ...]:
    """Return the items that an effect's target means: those of a criterion, or the one item."""
    for criterion in form.criteria:
        if criterion.code == target:
            return tuple(item.code for item in criterion.items)
    return (target,)
