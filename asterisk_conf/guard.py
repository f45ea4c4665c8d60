"""How the dialplan's guard of our own calls is asked (`templates/outbound.conf`)."""

import math

from asterisk_conf.settings import GUARD

FORMATS = "alaw"
"""What our half and the guard's pass each other, as the trunk and the phones have it.

Left to itself Asterisk takes 192 kHz: what a bridge mixes (a notice, a conference, whoever barges in) never
reaches the person then, and every frame is resampled four times.
"""

SIP_IN_CAUSE = 1000
"""The guard tells a SIP code with the cause, as one number: code × 1000 + Q.850 cause."""


def endpoint(zone: str) -> str:
    """Return the endpoint of a call to somebody of a zone: wib, wita, wit or unknown."""
    return GUARD.format(zone=zone)


def variables(number: str, seconds: float, until: float) -> dict[str, str]:
    """Return what the guard is told: E.164 digits, seconds to ring, and Unix time after which it is void."""
    return {
        "KRING_NUMBER": number,
        "KRING_SECONDS": str(math.ceil(seconds)),
        "KRING_UNTIL": str(math.ceil(until)),
    }
