"""Second step of signing in: time-based codes (RFC 6238) and recovery codes, each accepted once."""

import hmac
import io
import secrets
from collections.abc import Sequence

import pyotp
import segno

from domain.clock import Clock
from domain.staff import Staff, StaffStore

ISSUER = "Kring Pajak 1500200"
STEP = 30  # seconds
DRIFT = 1  # steps before and after that are accepted as well
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class Codes:
    """Enrols people and checks their codes. Every method raises domain.staff.StaffUnavailable."""

    def __init__(self, staff: StaffStore, clock: Clock) -> None:
        self._staff = staff
        self._clock = clock

    async def check(self, staff_id: str, code: str) -> bool:
        """Whether a code or recovery code fits; it is used up."""
        given = "".join(code.split()).casefold()
        if given.isdigit():
            secret = (await self._staff.credential(staff_id)).totp_secret
            step = self._step(secret, given) if secret else None
            return step is not None and await self._staff.use_step(staff_id, step)
        return await self._staff.use_recovery_code(staff_id, _plain(given), self._clock.now())

    async def begin(self, staff_id: str) -> str:
        """Make a fresh secret that waits for its first code; return it."""
        secret = pyotp.random_base32()
        await self._staff.set_totp(staff_id, secret, None)
        return secret

    async def confirm(self, staff_id: str, code: str) -> Sequence[str] | None:
        """Enrol with the first code; return the recovery codes to be shown once. None: it does not fit."""
        credential = await self._staff.credential(staff_id)
        if not credential.totp_secret or credential.totp_since is not None:
            return None
        step = self._step(credential.totp_secret, "".join(code.split()))
        if step is None or not await self._staff.use_step(staff_id, step):
            return None
        await self._staff.set_totp(staff_id, credential.totp_secret, self._clock.now())
        return await self.new_recovery_codes(staff_id)

    async def new_recovery_codes(self, staff_id: str) -> Sequence[str]:
        """Replace the recovery codes; they are shown once and kept as fingerprints."""
        codes = [f"{_five()}-{_five()}" for _ in range(RECOVERY_CODES)]
        await self._staff.set_recovery_codes(staff_id, [_plain(code) for code in codes])
        return codes

    async def end(self, staff_id: str) -> None:
        """Ask for no code any more."""
        await self._staff.set_totp(staff_id, "", None)

    def _step(self, secret: str, given: str) -> int | None:
        """Return the time step whose code was given."""
        totp = pyotp.TOTP(secret)
        now = int(self._clock.now().timestamp()) // STEP
        fitting = [
            step
            for step in range(now - DRIFT, now + DRIFT + 1)
            if hmac.compare_digest(totp.at(step * STEP).encode(), given.encode())
        ]
        return fitting[0] if fitting else None


def picture(staff: Staff, secret: str) -> str:
    """Return the QR code that an authenticator reads, as SVG."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=staff.user_name, issuer_name=ISSUER)
    svg = io.BytesIO()
    code = segno.make(uri, error="m", micro=False)
    code.save(svg, kind="svg", xmldecl=False, scale=5, border=3, dark="#000", light="#fff")
    return svg.getvalue().decode()


def _five() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(5))


def _plain(code: str) -> str:
    return code.replace("-", "").casefold()
