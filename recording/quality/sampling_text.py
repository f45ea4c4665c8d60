"""A sampling plan as JSON: as it is kept, and kept again with every draw. Pure."""

from __future__ import annotations

import msgspec

from recording.quality.sampling import Plan

_decoder = msgspec.json.Decoder(Plan)
_encoder = msgspec.json.Encoder(order="deterministic")


def to_text(plan: Plan) -> str:
    """Return a plan as text."""
    return _encoder.encode(plan).decode()


def from_text(text: str) -> Plan:
    """Return the plan of a text. Raises msgspec.DecodeError."""
    return _decoder.decode(text)
