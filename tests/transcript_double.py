"""A recogniser for tests: hears the same words all over what it is given, whatever is said there."""

from collections.abc import Sequence

from prompts.sound import Wave
from prompts.whisper import Word
from recording.recordings import RATE

STEP = 0.5  # seconds of a word


class EverywhereWords:
    """Hears a word each half second."""

    model = "double"
    version = "1"

    def __init__(self, *said: str) -> None:
        """`said` is repeated."""
        self._said = said or ("selamat", "siang.")
        self.waves: list[Wave] = []
        self.languages: list[str] = []

    def words(self, wave: Wave, language: str) -> Sequence[Word]:
        """Return words all over the wave."""
        self.waves.append(wave)
        self.languages.append(language)
        count = int(len(wave) / RATE / STEP)
        return [
            Word(number * STEP, (number + 1) * STEP, self._said[number % len(self._said)])
            for number in range(count)
        ]
