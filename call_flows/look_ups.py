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
                "announcement",
                "Whether supervisors have switched an announcement on, and which prompt it is. Asked by the"
                " verb `broadcast`.",
                {"on": ("announced",), "none": ()},
                verb="broadcast",
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
            # Of a call that we placed, or of somebody who asks about one
            LookUpShape(
                "called_about",
                "What this call of ours is about.",
                {"filing": (), "payment": (), "survey": (), "unknown": ()},
            ),
            LookUpShape(
                "owner",
                "Whether this call of ours was placed to the taxpayer with the NPWP that was keyed in.",
                {"owner": ("proven",), "other": (), "unavailable": ()},
                takes=("npwp",),
            ),
            LookUpShape(
                "duty",
                "What the taxpayer of this call of ours has yet to file or pay, for which `tax_year` or"
                " `tax_month` (YYYY-MM), until which `deadline`, by the data of the day `as_of`. Only after"
                " `owner` has proven who is there.",
                {
                    "filing_year": ("tax_year", "deadline", "as_of"),
                    "filing_undated": ("as_of",),
                    "payment_year": ("tax_year", "deadline", "as_of"),
                    "payment_month": ("tax_month", "deadline", "as_of"),
                    "payment_undated": ("as_of",),
                    "unavailable": (),
                },
                takes=("proven",),
            ),
            LookUpShape(
                "stop_calls",
                "Never call the number of this call of ours again. By `stopped` it is durable.",
                {"stopped": (), "unavailable": ()},
            ),
            LookUpShape(
                "stop_all_calls",
                "The same for all numbers of the taxpayer, who has proven to be there.",
                {"stopped": (), "unavailable": ()},
                takes=("proven",),
            ),
            LookUpShape(
                "verification_code",
                "Whether a call with this code was ours: `genuine` to the number that asks, `other_number` if"
                " it went to another one or the caller's is withheld; `called_on` is its day.",
                {"genuine": ("called_on",), "other_number": (), "unknown": (), "unavailable": ()},
                takes=("code",),
            ),
            LookUpShape(
                "verification_number",
                "Whether a call with this code went to a number that ends in these four digits.",
                {"genuine": ("called_on",), "unknown": (), "unavailable": ()},
                takes=("code", "called_last4"),
            ),
            LookUpShape(
                "recognised_call",
                "Whether we called this caller's number in vain lately: `attempt_id` is that call of ours,"
                " `campaign_queue` its campaign's agents.",
                {"recognised": ("campaign_queue", "attempt_id"), "nobody": ()},
            ),
        )
    }
)
