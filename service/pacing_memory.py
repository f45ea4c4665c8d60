"""What predictive pacers learnt and counted, kept in files: a restart forgets neither, a new day begins anew.

Counts and curves only, nothing of any person. One file a campaign, replaced as a whole.
"""

import json
import logging
import re
from datetime import date, datetime
from pathlib import Path

from dialer.pacing.predictive import Predictive
from domain.clock import Clock
from domain.zones import Zone

log = logging.getLogger(__name__)

CAMPAIGN = re.compile(r"[0-9A-Za-z_-]{1,64}")


class PacingMemory:
    """Keeps pacers by campaign. The day of the limit is the centre's (WIB)."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """`folder`: made when it is missing."""
        self._folder, self._clock = folder, clock
        self._pacers: dict[str, Predictive] = {}
        self._day = self._today()

    def adopt(self, campaign_id: str, pacer: Predictive) -> None:
        """Give a new pacer what is kept of its campaign, and keep it from now on."""
        kept = self._pacers.get(campaign_id)
        if kept is not None:
            self._save(campaign_id, kept)  # its campaign was changed: the heir takes over what it had
        self._pacers[campaign_id] = pacer
        try:
            found = json.loads(self._file(campaign_id).read_text(encoding="ascii"))
            elapsed = (self._clock.now() - datetime.fromisoformat(found["at"])).total_seconds()
            same_day = found["day"] == self._today().isoformat()
            now = self._clock.monotonic()
            pacer.restore(found["state"], now, elapsed=max(elapsed, 0.0), same_day=same_day)
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("a campaign's pacing begins anew: what was kept of it cannot be used: %r", error)

    def look(self) -> None:
        """Begin the day, if it is another, and save. To be called about every minute, and at the end.

        A disk that takes nothing is told in the log; pacing goes on from memory.
        """
        if self._day != self._today():
            self._day = self._today()
            for pacer in self._pacers.values():
                pacer.new_day(self._clock.monotonic())
        for campaign_id, pacer in self._pacers.items():
            self._save(campaign_id, pacer)

    def _save(self, campaign_id: str, pacer: Predictive) -> None:
        state = {
            "at": self._clock.now().isoformat(),
            "day": self._day.isoformat(),
            "state": pacer.state(self._clock.monotonic()),
        }
        file = self._file(campaign_id)
        new = file.with_suffix(".new")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(json.dumps(state), encoding="ascii")
            new.replace(file)
        except OSError as error:
            log.warning("a campaign's pacing could not be saved: %s", error.strerror)

    def _file(self, campaign_id: str) -> Path:
        if not CAMPAIGN.fullmatch(campaign_id):
            raise ValueError("a campaign's id has other characters than letters, digits, - and _")
        return self._folder / f"{campaign_id}.json"

    def _today(self) -> date:
        return self._clock.now().astimezone(Zone.WIB.shown_in).date()
