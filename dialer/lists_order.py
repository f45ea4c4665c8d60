"""What an order must say before a list is loaded under it."""

import re
from datetime import date

from dialer.campaigns import CampaignKind
from dialer.imports import OrderFault, OrderRefused
from dialer.lists import Order

LONGEST = {"title": 200, "unit": 200, "order_number": 100, "legal_basis": 500, "source": 64}  # characters
_SOURCE = re.compile(r"[a-z0-9][a-z0-9-]*")


def check_order(order: Order, today: date) -> None:
    """Raise OrderRefused unless a list can be loaded under it. `today`: in Jakarta."""
    for name, longest in LONGEST.items():
        text = getattr(order, name)
        if not text.strip():
            raise OrderRefused(name, OrderFault.MISSING)
        if len(text) > longest:
            raise OrderRefused(name, OrderFault.TOO_LONG)
    if not _SOURCE.fullmatch(order.source):
        raise OrderRefused("source", OrderFault.SOURCE)
    if order.kind and order.kind not in set(CampaignKind):
        raise OrderRefused("kind", OrderFault.UNKNOWN)
    if order.cut_off > today:
        raise OrderRefused("cut_off", OrderFault.CUT_OFF_TO_COME)
    if order.expires_on < today:
        raise OrderRefused("expires_on", OrderFault.EXPIRED)
    if order.expires_on < order.cut_off:
        raise OrderRefused("expires_on", OrderFault.EXPIRES_BEFORE_CUT_OFF)
