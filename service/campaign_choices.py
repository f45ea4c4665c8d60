"""What a campaign may name, with its words: a `web.campaign_port.CampaignChoices`."""

from collections.abc import Callable, Mapping, Sequence

from acd.outbound import is_outbound_skill
from acd.skills import Skillbook
from call_flows.book import FlowBook
from desk.script import Script
from service.campaign_part import Names
from web.campaign_port import Choice
from web.texts import Texts

CONTENT = "isi_campaign"
"""The blank that only outbound scripts have: what the campaign tells."""


class OfferedChoices:
    """Scripts with a campaign's content, flows for people we called, skills of outbound work."""

    def __init__(
        self,
        scripts: Mapping[str, Script],
        flows: Callable[[], FlowBook],
        skills: Callable[[], Skillbook],
        texts: Texts,
    ) -> None:
        self._scripts = {name: one for name, one in scripts.items() if CONTENT in one.fields}
        self._flows, self._skills, self._texts = flows, skills, texts

    def scripts(self, language: str) -> Sequence[Choice]:
        """Return the outbound scripts."""
        return [(name, one.titles[language]) for name, one in sorted(self._scripts.items())]

    def flows(self, language: str) -> Sequence[Choice]:
        """Return the flows. One of an administrator's own is called by what its file says it is about."""
        book = self._flows()
        return [(name, self._flow(book, name, language)) for name in book.called()]

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
        flows = self._flows()
        return Names(
            frozenset(self._scripts),
            frozenset(flows.called()),
            frozenset(flows.for_agents()),
            frozenset(name for name, _ in self.skills("en")),
        )

    def _flow(self, book: FlowBook, name: str, language: str) -> str:
        text = f"campaigns_flow.{name}"
        return self._texts.say(language, text) if text in self._texts else book.flows[name].about or name
