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
    verb: str = "look_up"  # the verb that asks it

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
            LookUpShape(
                "caller_number",
                "Whether the caller's number is on the line, and can be called back.",
                {"known": ("callback_number", "callback_number_last4"), "unknown": ()},
            ),
            LookUpShape(
                "place_in_line",
                "Where the call stands in line: `place` from 1, and the expected wait in whole `minutes`,"
                " rounded up: 1 is less than one, 11 more than ten, 0 cannot be told.",
                {"waiting": ("place", "minutes"), "unknown": ()},
                verb="queue",
            ),
            LookUpShape(
                "callback_offer",
                "Whether a callback can be booked now.",
                {"possible": (), "not_now": ()},
                verb="queue",
            ),
            LookUpShape(
                "book_callback",
                "Books a callback to `number` and keeps the call's place without its leg. Refused when"
                " it is too late, or an agent has the call already.",
                {"booked": (), "refused": ()},
                takes=("number",),
                verb="call_back",
            ),
        )
    }
)
