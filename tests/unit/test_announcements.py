"""Which announcement callers hear."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.clock import SystemClock
from ivr.announcements import Announcement, Announcing, BadAnnouncement, check, offered

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PROMPTS = ("announce_busy", "announce_fraud")


class StoppedClock(SystemClock):
    """NOW, until a test moves it."""

    at = NOW

    def now(self) -> datetime:
        return self.at


def announcement(name: str = "a", prompt: str = "announce_busy", **changes: datetime) -> Announcement:
    values = {"at": NOW, "begins": NOW, "ends": NOW + HOUR, **changes}
    return Announcement(name, values["at"], "s" * 32, prompt, values["begins"], values["ends"])


def test_it_is_heard_from_its_first_second_until_its_last() -> None:
    clock = StoppedClock()
    announcing = Announcing(clock)
    announcing.known = [announcement(begins=NOW + HOUR, ends=NOW + 2 * HOUR)]
    words = []
    for minutes in (59, 60, 119, 120):
        clock.at = NOW + timedelta(minutes=minutes)
        words.append(announcing.announcement({}).word)
    assert words == ["none", "on", "on", "none"]


def test_the_one_switched_on_last_is_heard() -> None:
    announcing = Announcing(StoppedClock())
    late = announcement("b", "announce_fraud", at=NOW - timedelta(minutes=1))
    announcing.known = [late, announcement("a", at=NOW - HOUR)]
    assert announcing.announcement({}).facts == {"announced": "announce_fraud"}


@pytest.mark.parametrize(
    ("changed", "word", "place"),
    [
        (announcement(prompt="welcome_morning"), "unknown_prompt", "prompt"),
        (announcement(begins=NOW + HOUR, ends=NOW + HOUR), "ends_first", "ends"),
        (announcement(begins=NOW - 2 * HOUR, ends=NOW - HOUR), "over_already", "ends"),
        (announcement(ends=NOW + timedelta(days=32)), "too_long", "ends"),
    ],
)
def test_what_cannot_be_switched_on_is_refused_by_field(changed: Announcement, word: str, place: str) -> None:
    with pytest.raises(BadAnnouncement) as refused:
        check(changed, PROMPTS)
    assert (refused.value.word, refused.value.place) == (word, place)


def test_any_prompt_named_so_is_offered_the_shipped_ones_first() -> None:
    names = {"announce_flood", "announce_fraud", "welcome_morning", "announce_system_trouble"}
    assert offered(names) == ("announce_system_trouble", "announce_fraud", "announce_flood")
