"""The form of a campaign: its fields, in sections, and how what it sends becomes one definition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dialer.campaigns import CampaignKind, Definition, Pacing
from dialer.campaigns_text import WEEKDAYS, to_plain
from dialer.kinds import CapRule
from dialer.retry import RetryVersion
from web.campaign_port import Choice

MARK = "form"
"""The name of a hidden input: what a form leaves out is then empty, not as a new campaign has it."""

_LISTS = ("window.weekdays", "dispositions")
_KINDS = {
    **dict.fromkeys(("starts_on", "ends_on"), "date"),
    **dict.fromkeys(("window.opens", "window.closes"), "time"),
    **dict.fromkeys(("kind", "script", "flow", "pacing", "skill", "tier", "needs_poro", "amd"), "select"),
    "content": "textarea",
}


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of the form, as `parts.field` takes it."""

    name: str
    value: str
    kind: str = "text"
    options: Sequence[Choice] = ()
    attrs: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class RetryLine:
    """One line of the table of what follows what. `default` tells the table's own rule."""

    code: str
    words: str
    attempts: str
    spacing: str
    next_number: bool
    default_attempts: int
    default_spacing: str


SECTIONS: Sequence[tuple[str, Sequence[str]]] = (
    ("what", ("title", "kind", "tax_period", "script", "needs_poro", "fields", "content")),
    ("when", ("starts_on", "ends_on", "window.opens", "window.closes")),
    ("how", ("pacing", "flow", "skill", "tier", "priority", "most_lines", "ring_seconds", "abandon_limit",
             "least_team", "amd")),
    ("often", ("caps.life", "caps.day", "caps.rolling_24h")),
    ("after", ("control_share", "effect_days")),
)  # fmt: skip


def folded(data: Any) -> Any:
    """Return what a form sent as a definition has it; anything else is left as it is."""
    if not isinstance(data, dict) or MARK not in data:
        return data
    given = {name: value for name, value in data.items() if name != MARK}
    for name in _LISTS:
        value = given.get(name, [])
        given[name] = [value] if isinstance(value, str) else value
    if isinstance(fields := given.get("fields"), str):
        given["fields"] = [one.strip() for one in fields.replace(";", ",").split(",") if one.strip()]
    found: dict[str, Any] = {}
    for name, value in given.items():
        part = found
        *way, last = str(name).split(".")
        for step in way:
            inner = part.setdefault(step, {})
            if not isinstance(inner, dict):
                return data
            part = inner
        part[last] = value
    if isinstance(rules := found.get("retry"), dict):
        found["retry"] = {code: rule for code, rule in rules.items() if _says_something(rule)}
    return found


def _says_something(rule: object) -> bool:
    return not isinstance(rule, dict) or bool(rule.get("attempts") or rule.get("spacing"))


def flat(definition: Definition) -> dict[str, str]:
    """Return a definition's single values by the names of the form's fields."""
    found: dict[str, str] = {}
    for name, value in to_plain(definition).items():
        if isinstance(value, dict) and name != "retry":
            found |= {f"{name}.{key}": one for key, one in value.items() if isinstance(one, str)}
        elif isinstance(value, str):
            found[name] = value
    found["fields"] = ", ".join(definition.fields)
    return found


def new_definition(
    kind: CampaignKind, needs_poro: bool, pacing: Pacing, flow: str, script: str
) -> Definition:
    """Return what a new campaign of a kind starts with; it has no title yet."""
    return Definition("", kind, script, flow, pacing, needs_poro=needs_poro)


def form_fields(
    definition: Definition, options: Mapping[str, Sequence[Choice]], caps: CapRule
) -> dict[str, FormField]:
    """Return the fields of the form by name. `options`: of those that are chosen from a list."""
    limits: Mapping[str, tuple[float, float, str]] = {
        "priority": (0, 100, "1"),
        "most_lines": (1, caps.most_lines, "1"),
        "ring_seconds": (caps.least_ring, caps.most_ring, "any"),
        "abandon_limit": (0, caps.abandon_limit, "any"),
        "least_team": (1, 10_000, "1"),
        "caps.life": (1, caps.taxpayer.life, "1"),
        "caps.day": (1, caps.taxpayer.day, "1"),
        "caps.rolling_24h": (1, caps.taxpayer.rolling_24h, "1"),
        "control_share": (0, 1, "any"),
        "effect_days": (1, 366, "1"),
    }
    found: dict[str, FormField] = {}
    for name, value in flat(definition).items():
        kind, attrs = _KINDS.get(name, "text"), _attrs(name)
        if name in limits:
            least, most, step = limits[name]
            kind, attrs = "number", {**attrs, "min": f"{least:g}", "max": f"{most:g}", "step": step}
        found[name] = FormField(name, value, kind, options.get(name, ()), attrs)
    return found


def _attrs(name: str) -> dict[str, object]:
    attrs: dict[str, object] = {"autocomplete": "off", "id": f"field-{name.replace('.', '-')}"}
    if name == "title":
        attrs |= {"required": True, "maxlength": 200}
    if name == "content":
        attrs["maxlength"] = 4000
    if name == "tax_period":
        attrs |= {"maxlength": 7, "placeholder": "2025, 2025-03"}
    return attrs


def retry_lines(definition: Definition, table: RetryVersion, words: Mapping[str, str]) -> list[RetryLine]:
    """Return the table of what follows each outcome and disposition; `words` by code, in their order."""
    own = to_plain(definition)["retry"]
    lines = []
    for code, said in words.items():
        row, mine = table.row(code), own.get(code, {})
        if row is None:
            continue
        lines.append(
            RetryLine(
                code,
                said,
                mine.get("attempts", ""),
                mine.get("spacing", ""),
                mine.get("next_number", "yes" if row.next_number else "no") == "yes",
                row.attempts,
                span(row.spacing),
            )
        )
    return lines


def span(minutes: float) -> str:
    """Return minutes as a definition writes a span: 30m, 4h, 3d."""
    whole = round(minutes)
    if whole and whole % 1440 == 0:
        return f"{whole // 1440}d"
    return f"{whole // 60}h" if whole and whole % 60 == 0 else f"{whole}m"


def weekdays(definition: Definition) -> list[tuple[str, bool]]:
    """Return every day of the week, and whether the campaign calls on it."""
    return [(day, place in definition.window.weekdays) for place, day in enumerate(WEEKDAYS)]
