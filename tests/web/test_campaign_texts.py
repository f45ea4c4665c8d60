"""Whatever rules, states and records may say of a campaign has words."""

import re
from collections.abc import Iterable
from inspect import getsource

import pytest

from dialer import campaigns_check, campaigns_text
from dialer.attempts import DialOutcome
from dialer.campaigns import CampaignState, Pacing
from dialer.campaigns_text import WEEKDAYS
from dialer.leads import LeadState
from dialer.reasons import WhyNot
from domain.zones import Zone
from tests.web.campaign_doubles import a_definition
from web.campaign_forms import SECTIONS, flat
from web.campaign_views import ACTS
from web.texts import Texts

TEXTS = Texts.load()
_RAISED = re.compile(r"CampaignRefused\([^,]+, \"(\w+)\"|_matching\(\w+, \"(\w+)\"\)")


@pytest.mark.parametrize(
    ("family", "words"),
    [
        ("campaigns_pacing", Pacing),
        ("campaigns_state", CampaignState),
        ("campaigns_lead", LeadState),
        ("campaigns_zone", Zone),
        ("campaigns_day", WEEKDAYS),
        ("outbound_why", WhyNot),
        ("outbound_outcome", DialOutcome),
        ("campaigns_move", ACTS.values()),
        ("campaigns_sure", ACTS.values()),
        ("campaigns_field", flat(a_definition())),
        ("campaigns_hint", [name for _, names in SECTIONS for name in names]),
    ],
)
def test_every_word_has_a_text(family: str, words: Iterable[str]) -> None:
    assert {f"{family}.{word}" for word in words} - TEXTS.names() == set()


def test_every_refusal_has_a_text() -> None:
    found = {
        one or other
        for module in (campaigns_check, campaigns_text)
        for one, other in _RAISED.findall(getsource(module))
    }
    assert len(found) > 15
    assert {f"campaigns_refused.{word}" for word in found} - TEXTS.names() == set()


def test_every_field_of_a_definition_is_in_the_form() -> None:
    shown = {name for _, names in SECTIONS for name in names}
    assert set(flat(a_definition())) == shown
