"""Codes that prove who is calling: the local double of the tax administration's systems.

The real systems (OTP to the registered address, the token of DJP Online) are reached by whoever implements
`desk.matters_proof.ProofMeans` at the administration. This double makes codes itself, sends them to nobody,
and says so on every page: nothing of it is a proof.
"""

import hmac
import secrets
from collections import OrderedDict

from desk.matters_proof import ProofMeans
from desk.matters_work import Means

_DIGITS = 6
_REMEMBERED = 10_000


class SimulatedMeans:
    """A `desk.matters_proof.ProofMeans` that proves nothing. In memory: a restart forgets its codes."""

    simulated = True

    def __init__(self) -> None:
        self._codes: OrderedDict[str, str] = OrderedDict()

    async def ask(self, taxpayer_id: str, means: Means) -> str:
        """Make a code."""
        del taxpayer_id, means
        reference = secrets.token_hex(16)
        self._codes[reference] = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
        if len(self._codes) > _REMEMBERED:
            self._codes.popitem(last=False)
        return reference

    async def check(self, reference: str, answer: str) -> bool:
        """Whether it is the code."""
        code = self._codes.get(reference, "")
        return bool(code) and hmac.compare_digest(code.encode(), answer.encode())

    def shown(self, reference: str) -> str:
        """Return the code for the page."""
        return self._codes.get(reference, "")


def proof_means() -> ProofMeans:
    """Return the systems that give codes: the place where the administration's are joined."""
    return SimulatedMeans()
