"""Pure tones: by which test telephones tell each other apart in a bridge."""

import numpy as np
import numpy.typing as npt

from service.phone.protocol import SAMPLE_RATE

WINDOW = SAMPLE_RATE // 10  # samples: 100 ms tell frequencies 20 Hz apart
LOUD = 300.0  # root mean square of 16-bit samples under which it is silence


def share(samples: npt.NDArray[np.int16], hertz: float) -> float:
    """Return the part of the sound's energy that lies at a frequency, 0…1; 0 in silence (Goertzel).

    A lone tone has nearly 1, each of two equal ones nearly 0.5.
    """
    sound = samples.astype(np.float64)
    energy = float(np.dot(sound, sound))
    if len(sound) == 0 or energy < LOUD * LOUD * len(sound):
        return 0.0
    turns = np.exp(-2j * np.pi * hertz / SAMPLE_RATE * np.arange(len(sound)))
    return float(2 * abs(np.dot(sound, turns)) ** 2 / (len(sound) * energy))


def windows(samples: npt.NDArray[np.int16], hertz: float, least: float = 0.6) -> list[bool]:
    """Return for every 100 ms whether the tone was there."""
    whole = len(samples) // WINDOW
    return [share(samples[n * WINDOW : (n + 1) * WINDOW], hertz) >= least for n in range(whole)]
