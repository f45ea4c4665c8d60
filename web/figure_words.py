"""The words of figures: groups, counts, intervals and calls as staff call them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from desk.branches import Branches
from reporting.asking import Dimension, Interval
from reporting.formulas import FORMULAS
from reporting.reports_numbers import Said
from web.card_words import CardWords
from web.figure_people import People
from web.rendering import WIB
from web.texts import Texts


class FigureWords:
    """Names in one language; what has no text stands for itself."""

    def __init__(
        self, texts: Texts, language: str, people: People, branches: Branches, campaigns: Mapping[str, str]
    ) -> None:
        self._texts, self.language = texts, language
        self.people, self._branches, self.campaigns = people, branches, campaigns
        self._cards = CardWords(texts, language)
        self.said = Said(language)

    def say(self, name: str, **values: object) -> str:
        """Return a text."""
        return self._texts.say(self.language, name, **values)

    def group(self, dimension: Dimension, value: str) -> str:
        """Return what a value of a dimension is called; an agent by staff number."""
        if not value:
            return self.say(f"figures_none.{dimension}")
        match dimension:
            case Dimension.AGENT:
                return self.people.of(value).name
            case Dimension.QUEUE:
                return self._cards.queue(value)
            case Dimension.BRANCH:
                branch = self._branches.branches.get(value)
                return value if branch is None else branch.names[self.language]
            case Dimension.DIRECTION:
                return self.known("figures_direction", value)
            case Dimension.CAMPAIGN:
                return self.campaigns.get(value) or self.say("figures_page.no_such_campaign", id=value[-8:])
            case _:
                return value

    def address(self, dimension: Dimension, value: str) -> str:
        """Return a value as addresses and pages hold it: an agent by the id of the account."""
        return self.people.of(value).staff_id if dimension is Dimension.AGENT else value

    def order(self, by: Sequence[Dimension], key: Sequence[str]) -> tuple[tuple[bool, str, str], ...]:
        """Return the place of a group among others: by name, what has none last."""
        pairs = zip(by, key, strict=True)
        return tuple((not value, self.group(one, value).casefold(), value) for one, value in pairs)

    def figure(self, name: str) -> str:
        """Return what a figure or a count is called."""
        return FORMULAS[name].words(self.language).name if name in FORMULAS else self.count(name)

    def count(self, name: str) -> str:
        """Return what a field of the counts is called."""
        return self.known("figures_count", name)

    def interval(self, begins: datetime | None, interval: Interval, *, short: bool = False) -> str:
        """Return an interval by its begin, WIB; `short`: as a chart has room for it."""
        if begins is None:
            return self.say("figures_interval.whole")
        local = begins.astimezone(WIB)
        match interval:
            case Interval.YEAR:
                return f"{local:%Y}"
            case Interval.MONTH:
                return f"{local:%m.%Y}"
            case Interval.WEEK if not short:
                return self.say("figures_page.week_from", day=f"{local:%d.%m.%Y}")
            case Interval.DAY if not short:
                return f"{self.day_of_week(local.weekday())} {local:%d.%m.%Y}"
            case Interval.DAY | Interval.WEEK:
                return f"{local:%d.%m}"
            case _:
                return f"{local:%H.%M}" if short else f"{local:%d.%m.%Y %H.%M}"

    def day_of_week(self, weekday: int) -> str:
        """Return a day of the week, 0 Monday."""
        return self.say(f"figures_weekday.d{weekday}")

    def outcome(self, outcome: str) -> str:
        """Return what became of a call: of one that waited, or of a dial."""
        section = "figures_outcome" if f"figures_outcome.{outcome}" in self._texts else "outbound_outcome"
        return self.known(section, outcome)

    def known(self, section: str, word: str) -> str:
        """Return the text of a word that may have none; then the word itself."""
        name = f"{section}.{word}"
        return self.say(name) if name in self._texts else word.replace("_", " ")
