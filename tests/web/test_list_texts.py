"""Whatever rules, readers and files may say of a list has words, and a remedy."""

from collections.abc import Iterable
from typing import get_args

import pytest

from dialer.campaigns import CampaignKind
from dialer.imports import FileFault, OrderFault
from dialer.lists import ListState, Requester, RowFate, RowReason
from dialer.mapping import MappingFault, Role
from web.list_models import Kinds
from web.list_views import fate_of
from web.texts import Texts

TEXTS = Texts.load()


@pytest.mark.parametrize(
    ("family", "words"),
    [
        ("lists_reason", RowReason),
        ("lists_remedy", RowReason),
        ("lists_fate", RowFate),
        ("lists_state", ListState),
        ("lists_requester", Requester),
        ("lists_role", Role),
        ("lists_mapping", MappingFault),
        ("lists_order", OrderFault),
        ("lists_fault", [*FileFault, "cancelled", "interrupted", "database", "error"]),
        ("lists_upload", ["too_large", "too_many", "disk_full", "wrong_type", "piece", "out_of_place"]),
        ("campaigns_kind", CampaignKind),
    ],
)
def test_every_word_has_a_text(family: str, words: Iterable[str]) -> None:
    assert {f"{family}.{word}" for word in words} - TEXTS.names() == set()


def test_every_reason_is_of_one_kind() -> None:
    assert {fate_of(reason) for reason in RowReason} == set(RowFate)
    assert fate_of(RowReason.SAME_NUMBER_LOADED) is RowFate.DUPLICATE
    assert fate_of(RowReason.SOLVED) is RowFate.SUPPRESSED


def test_a_list_may_be_for_every_kind_of_campaign() -> None:
    assert set(get_args(Kinds)) == {"", *CampaignKind}
