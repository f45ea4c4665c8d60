"""The questions that flows may ask, and their answers. `ivr/` implements them under these names."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class LookUpShape:
    """What a look-up takes and may answer.

    Every value is text: times of day are `HH:MM` in WIB, dates ISO 8601.
    """

    name: str
    about: str
    answers: Mapping[str, tuple[str, ...]]  # answer → the facts that come with it
    takes: tuple[str, ...] = ()  # facts that must be known before; sent as the arguments

    def gives(self) -> frozenset[str]:
        """Return every fact that some answer brings. A driver's further facts are not kept."""
        return frozenset(fact for facts in self.answers.values() for fact in facts)


_HOURS = ("opens", "closes")

LOOK_UPS: Mapping[str, LookUpShape] = MappingProxyType(
    {
        shape.name: shape
        for shape in (
            LookUpShape(
                "part_of_day",
                "By which words a caller is greeted at this hour (WIB): pagi, siang or sore.",
                {"morning": (), "noon": (), "afternoon": ()},
            ),
            LookUpShape(
                "office_hours",
                "Whether the line is open now. Asked by the verb `open: office`. `opens` and `closes` are"
                " the hours in force, `reopens` the next working day.",
                {
                    "open": (),
                    "closed": _HOURS,
                    "ramadan_closed": _HOURS,
                    "holiday": (*_HOURS, "reopens"),
                    "shut": _HOURS,
                },
            ),
            LookUpShape(
                "taxpayer",
                "Whether the register knows this NPWP.",
                {"found": ("taxpayer_id",), "not_found": (), "unavailable": ()},
                takes=("npwp",),
            ),
        )
    }
)
