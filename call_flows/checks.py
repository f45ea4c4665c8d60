"""The named checks that `collect` may use: pure rules of the domain."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from domain.npwp import keyed_npwp
from domain.phone import callback_number

Check = Callable[[str], str | None]
"""Keyed digits in; the digits as they are to be kept, or None if they are wrong. Pure."""

CHECKS: Mapping[str, Check] = MappingProxyType({"npwp": keyed_npwp, "phone": callback_number})
