"""Intends attempts over and over, beside others that do the same; prints what it was allowed.

`python -m tests.storage.attempting_process URL KEY NAME ROUNDS TAXPAYERS`
"""

import asyncio
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dialer.attempts import Attempt, AttemptLimits, DialOutcome, NotAllowed
from dialer.outcomes import load_outcomes
from domain.ids import new_id
from storage.attempts import DurableAttempts
from storage.database import Database
from storage.vault import Vault

LIMITS = AttemptLimits(3, 3, 3, 3, 3, 3)
BUSY = 8  # dials at once


async def main(url: str, key: str, name: str, rounds: int, taxpayers: int) -> None:
    loop = asyncio.get_running_loop()
    record = DurableAttempts(Database.open(url), Vault.load(Path(key)), load_outcomes(), loop)
    await record.take(name, name, 600)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()  # the others are ready too
    numbers = iter(n % taxpayers for n in range(rounds))
    await asyncio.gather(*(_dials(record, name, numbers) for _ in range(BUSY)))
    await record.close()


async def _dials(record: DurableAttempts, name: str, numbers: Iterator[int]) -> None:
    for n in numbers:
        now = datetime.now(UTC)
        fingerprint = f"{n:016d}".encode()
        one = Attempt(
            new_id(), name, n, fingerprint, fingerprint, "628110000123", engine=name, intended_at=now
        )
        try:
            await record.intend(one, LIMITS, now - timedelta(hours=1))
        except NotAllowed:
            continue
        began = asyncio.get_running_loop().time()
        if await record.sending(one.attempt_id, datetime.now(UTC), name):
            await asyncio.sleep(0.002)
            await record.ended(one.attempt_id, DialOutcome.NO_ANSWER, datetime.now(UTC))
            sys.stdout.write(f"{n} {began} {asyncio.get_running_loop().time()}\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
