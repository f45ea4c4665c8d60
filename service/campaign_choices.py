"""What a campaign may name, with its words: a `web.campaign_port.CampaignChoices`."""

from collections.abc import Callable, Mapping, Sequence

from acd.outbound import is_outbound_skill
from acd.skills import Skillbook
from call_flows.book import FlowBook
from desk.script import Script
from service.campaign_part import Names
from web.campaign_port import Choice

CONTENT = "isi_campaign"
"""The blank that only outbound scripts have: what the campaign tells."""


class OfferedChoices:
    """Scripts with a campaign's content, flows for people we called, skills of outbound work."""

    def __init__(
        self,
        scripts: Mapping[str, Script],
        flows: Callable[[], FlowBook],
        skills: Callable[[], Skillbook],
    ) -> None:
        self._scripts = {name: one for name, one in scripts.items() if CONTENT in one.fields}
        self._flows, self._skills = flows, skills

    def scripts(self, language: str) -> Sequence[Choice]:
        """Return the outbound scripts."""
        return [(name, one.titles[language]) for name, one in sorted(self._scripts.items())]

    def flows(self, language: str) -> Sequence[Choice]:
        """Return the flows, by their names: what they are about is written in one language only."""
        return [(name, name) for name in self._flows().called()]

    def skills(self, language: str) -> Sequence[Choice]:
        """Return the skills of outbound work, as the tables describe them."""
        book = self._skills()
        return [
            (name, skill.about or name)
            for name, skill in sorted(book.skills.items())
            if is_outbound_skill(book, name)
        ]

    def names(self) -> Names:
        """Return the same for `service.campaign_part.make_campaigns`."""
        return Names(
            frozenset(self._scripts),
            frozenset(self._flows().called()),
            frozenset(name for name, _ in self.skills("en")),
        )
