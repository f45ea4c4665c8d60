"""Passwords: argon2id in threads, and which ones are refused."""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

T = TypeVar("T")

LEAST, MOST = 12, 256  # characters
THREADS = 2  # hashing takes 64 MiB and a core for about 0.1 s each; calls must go on meanwhile
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is read for something else

# Of 12 characters and more, what people choose first; shorter ones are refused anyway.
_COMMON_ONES = """
password1234 passwordpassword password12345 password123456 passw0rd1234 123456789012 1234567890123
12345678901234 0123456789012 123123123123 111222333444 112233445566 qwertyuiop12 qwertyuiop123
qwertyuiopasdf qwertyuiop1234 1q2w3e4r5t6y 1qaz2wsx3edc qazwsxedcrfv asdfghjkl123 zxcvbnm12345
administrator administrator1 adminadmin12 admin1234567 admin12345678 kringpajak1500200 kringpajak123
kringpajak1500 kring1500200 1500200kring pajak1500200 direktoratjenderalpajak kementeriankeuangan
bismillah123 bismillah1234 indonesia123 indonesia1234 indonesia1945 indonesiaraya indonesia2026
sayangkamu123 iloveyou1234 iloveyou12345 jakarta12345 rahasia12345 rahasia123456 rahasiaku123
katasandi123 katasandi1234 changeme1234 letmein12345 welcome12345 selamatdatang selamatpagi1
"""
_COMMON = frozenset(_COMMON_ONES.split())


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether a password fits; `stronger`: the hash to keep from now on, where parameters have grown."""

    fits: bool
    stronger: str = ""


class Passwords:
    """Hashes and verifies, a few at a time."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """`hasher`: argon2id with the library's parameters, unless a test wants cheap ones."""
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="passwords")
        self._nobodys = ""

    async def hash(self, password: str) -> str:
        """Return the hash of a password."""
        return await self._run(self._hasher.hash, _normal(password))

    async def verify(self, known: str | None, password: str) -> Verified:
        """Verify a password; without a known hash it takes as long and does not fit."""
        if known is None:
            self._nobodys = self._nobodys or await self.hash(secrets.token_urlsafe())
        given = _normal(password)[: 2 * MOST]
        fits = await self._run(self._fits, known or self._nobodys, given)
        if known is None or not fits:
            return Verified(False)
        return Verified(True, await self.hash(password) if self._hasher.check_needs_rehash(known) else "")

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _fits(self, known: str, password: str) -> bool:
        try:
            return self._hasher.verify(known, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[..., T], *given: str) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)


def fault_of(password: str, user_name: str) -> str | None:
    """Return what is wrong with a new password: a word of the texts `password.…`; None: nothing."""
    normal = _normal(password)
    folded = normal.casefold()
    if len(normal) < LEAST:
        return "too_short"
    if len(normal) > MOST:
        return "too_long"
    if user_name and (folded == user_name.casefold() or folded in (user_name * 2, user_name * 3)):
        return "is_user_name"
    if folded in _COMMON or len(set(folded)) < 5 or _is_a_row(folded):
        return "common"
    return None


def one_time_password() -> str:
    """Return a fresh password to be told to somebody: four groups of four, 79 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def _normal(password: str) -> str:
    # The same keys give the same text on every system (NIST SP 800-63B, 3.1.1.2).
    return unicodedata.normalize("NFKC", password)


def _is_a_row(text: str) -> bool:
    """Whether each character follows the one before: abcdefghijkl, 987654321098."""
    numbers = [ord(one) for one in text]
    whole = 10 if text.isdigit() else 0x110000
    return len({(after - before) % whole for before, after in pairwise(numbers)}) == 1
