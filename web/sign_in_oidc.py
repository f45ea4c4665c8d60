"""A directory that vouches for people: OpenID Connect Core 1.0, authorisation code with PKCE (RFC 7636)."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from domain.clock import Clock

ALGORITHMS = ("RS256", "PS256", "ES256", "Ed25519")  # signatures by a key pair; `none` and HMAC never
SCOPE = "openid profile email"
TIMEOUT = 10.0  # seconds for one answer of the directory
WITHIN = 600.0  # seconds from the sign-in page to the way back
KEPT = 3600.0  # seconds for which the directory's description and keys are known
AGAIN = 30.0  # seconds between two looks for a key that is not known
LEEWAY = 60.0  # seconds by which clocks may differ
MOST_UNDER_WAY = 5_000


@dataclass(frozen=True, slots=True)
class DirectorySettings:
    """Which directory, and who we are to it."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    user_claim: str = "preferred_username"  # has the user name here
    groups_claim: str = "groups"


class DirectoryUnavailable(Exception):
    """The directory does not answer, or not as the standard says."""


class DirectoryRefused(Exception):
    """What came back is not to be trusted. The message says why, without values."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the directory vouches for."""

    subject: str = field(repr=False)  # never changes and is never given to another
    user_name: str
    groups: Sequence[str]
    go_to: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A way to the directory. `state` goes into a cookie of the browser as well."""

    address: str
    state: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _UnderWay:
    nonce: str
    verifier: str
    back: str
    go_to: str
    until: float  # monotonic


class Directory:
    """Speaks with the directory."""

    def __init__(
        self, settings: DirectorySettings, clock: Clock, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """`transport`: how it is reached, unless by the network."""
        self._settings = settings
        self._clock = clock
        self._transport = transport
        self._described: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._under_way: dict[str, _UnderWay] = {}

    async def begin(self, back: str, go_to: str) -> Begun:
        """Return the way to the directory's sign-in page. `back`: our address that it leads back to.

        Raises DirectoryUnavailable.
        """
        described = await self._description()
        now = self._clock.monotonic()
        self._under_way = {key: one for key, one in self._under_way.items() if one.until >= now}
        while len(self._under_way) >= MOST_UNDER_WAY:
            self._under_way.pop(next(iter(self._under_way)))
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        self._under_way[state] = _UnderWay(nonce, verifier, back, go_to, now + WITHIN)
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": back,
            "scope": SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        return Begun(_with_query(described["authorization_endpoint"], asked), state)

    async def finish(self, state: str, cookie: str, code: str, issuer: str = "") -> Vouched:
        """Return who came back. `code`: empty if nobody was let in; `issuer`: of RFC 9207, if it is named.

        Raises DirectoryRefused, DirectoryUnavailable.
        """
        under_way = self._under_way.pop(state, None)
        if under_way is None or under_way.until < self._clock.monotonic():
            raise DirectoryRefused("no such sign-in is under way, or it took too long")
        if not hmac.compare_digest(cookie.encode(), state.encode()):
            raise DirectoryRefused("it was begun in another browser")
        if issuer and issuer != self._settings.issuer:
            raise DirectoryRefused("the answer is of another issuer")
        if not code:
            raise DirectoryRefused("the directory let nobody in")
        described = await self._description()
        token = await self._token(described["token_endpoint"], code, under_way)
        claims = await self._claims(token.get("id_token"), described)
        self._check(claims, under_way.nonce)
        return self._vouched(claims, under_way.go_to)

    async def _claims(self, id_token: object, described: Mapping[str, Any]) -> Mapping[str, Any]:
        if not isinstance(id_token, str):
            raise DirectoryRefused("there is no identity token")
        try:
            return jwt.decode(id_token, await self._key_set(described), list(ALGORITHMS)).claims
        except (JoseError, ValueError):
            pass
        try:  # the directory may have changed its keys
            fresh = await self._key_set(described, anew=True)
            return jwt.decode(id_token, fresh, list(ALGORITHMS)).claims
        except (JoseError, ValueError) as error:
            raise DirectoryRefused(f"the token's signature is not good ({type(error).__name__})") from error

    def _check(self, claims: Mapping[str, Any], nonce: str) -> None:
        """Check what OpenID Connect Core 3.1.3.7 asks for."""
        mine, now = self._settings.client_id, self._clock.now().timestamp()
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if claims.get("iss") != self._settings.issuer:
            raise DirectoryRefused("the token is of another issuer")
        if mine not in audiences:
            raise DirectoryRefused("the token is for somebody else")
        if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != mine:
            raise DirectoryRefused("the token was issued to somebody else")
        if not _is_time(claims.get("exp")) or claims["exp"] + LEEWAY <= now:
            raise DirectoryRefused("the token has expired")
        if not _is_time(claims.get("iat")) or claims["iat"] - LEEWAY > now:
            raise DirectoryRefused("the token is of a time to come")
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise DirectoryRefused("the token is of another sign-in")

    def _vouched(self, claims: Mapping[str, Any], go_to: str) -> Vouched:
        subject, name = claims.get("sub"), claims.get(self._settings.user_claim)
        groups = claims.get(self._settings.groups_claim, [])
        if not isinstance(subject, str) or not subject:
            raise DirectoryRefused("the token names nobody")
        if not isinstance(name, str) or not name:
            raise DirectoryRefused(f"the token has no claim {self._settings.user_claim}")
        known = [one for one in groups if isinstance(one, str)] if isinstance(groups, list) else []
        return Vouched(f"{self._settings.issuer} {subject}", name.strip().casefold(), known, go_to)

    async def _description(self) -> Mapping[str, Any]:
        now = self._clock.monotonic()
        if self._described is None or now - self._described[0] > KEPT:
            found = await self._get(f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self._settings.issuer:
                raise DirectoryUnavailable(
                    "the directory calls itself otherwise than the setting oidc_issuer"
                )
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if not is_safe_address(str(found.get(name, ""))):
                    raise DirectoryUnavailable(f"{name} is no https address")
            self._described = now, found
        return self._described[1]

    async def _key_set(self, described: Mapping[str, Any], *, anew: bool = False) -> KeySet:
        now = self._clock.monotonic()
        since = None if self._keys is None else now - self._keys[0]
        if self._keys is None or since is None or since > (AGAIN if anew else KEPT):
            found = await self._get(described["jwks_uri"])
            try:
                self._keys = now, KeySet.import_key_set({"keys": found["keys"]})
            except (JoseError, KeyError, ValueError, TypeError) as error:
                raise DirectoryUnavailable("the directory's keys cannot be read") from error
        return self._keys[1]

    async def _get(self, address: str) -> dict[str, Any]:
        try:
            async with self._http() as client:
                answer = (await client.get(address)).raise_for_status()
                found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise DirectoryUnavailable(type(error).__name__) from error
        if not isinstance(found, dict):
            raise DirectoryUnavailable("the directory's answer is no object")
        return found

    async def _token(self, address: str, code: str, under_way: _UnderWay) -> Mapping[str, Any]:
        """Change the code for tokens. Raises DirectoryRefused, DirectoryUnavailable."""
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": under_way.back,
            "code_verifier": under_way.verifier,
        }
        # RFC 6749 section 2.3.1: name and secret are form-encoded before they become a Basic password.
        us = httpx.BasicAuth(quote_plus(self._settings.client_id), quote_plus(self._settings.client_secret))
        try:
            async with self._http() as client:
                answer = await client.post(address, data=given, auth=us)
                found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise DirectoryUnavailable(type(error).__name__) from error
        if answer.status_code >= 500 or not isinstance(found, dict):
            raise DirectoryUnavailable(f"its answer to the code has status {answer.status_code}")
        if answer.status_code != httpx.codes.OK:
            raise DirectoryRefused(f"the code was not accepted ({answer.status_code})")
        return found

    def _http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self._transport, timeout=TIMEOUT)


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _with_query(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def is_safe_address(address: str) -> bool:
    """Whether an address is reached by TLS, or on this machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https"
        or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost"))
    )


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
