"""A small OpenID Connect provider that really signs, in this process."""

import base64
import hashlib
import secrets
import urllib.parse
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from domain.clock import Clock

ISSUER = "https://login.example.go.id/realms/office"
CLIENT, SECRET = "kring", "between us"


@cache
def _first_key() -> RSAKey:
    return another_key("one")


@dataclass(slots=True)
class DirectoryDouble:
    """Its people, its keys, and what a test makes it do wrong."""

    clock: Clock
    claims: dict[str, Any] = field(
        default_factory=lambda: {"sub": "7d1c", "preferred_username": "Sari", "groups": ["kring-agents"]}
    )
    changed: dict[str, Any] = field(default_factory=dict)  # claims that are told wrongly
    algorithm: str = "RS256"
    away: bool = False
    asked: list[str] = field(default_factory=list)
    key: RSAKey = field(default_factory=_first_key)
    shown: list[RSAKey] = field(default_factory=list)  # keys it publishes; empty: its own
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def sign_in(self, address: str) -> str:
        """Do what a browser does there: return the way back, with a code."""
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": ISSUER}
        return f"{asked['redirect_uri']}?{urllib.parse.urlencode(back)}"

    def transport(self) -> httpx.MockTransport:
        """Return how it is reached."""
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = str(request.url)
        self.asked.append(path)
        if self.away:
            raise httpx.ConnectError("away")
        if path == f"{ISSUER}/.well-known/openid-configuration":
            names = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "keys"}
            return httpx.Response(
                200, json={"issuer": ISSUER, **{name: f"{ISSUER}/{end}" for name, end in names.items()}}
            )
        if path == f"{ISSUER}/keys":
            keys = [key.as_dict(private=False) for key in self.shown or [self.key]]
            return httpx.Response(200, json={"keys": keys})
        if path == f"{ISSUER}/token":
            return self._token(request)
        return httpx.Response(404)

    def _token(self, request: httpx.Request) -> httpx.Response:
        given = dict(urllib.parse.parse_qsl(request.content.decode()))
        word = base64.b64encode(f"{CLIENT}:{urllib.parse.quote_plus(SECRET)}".encode()).decode()
        asked = self._codes.pop(given.get("code", ""), None)
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            request.headers.get("authorization") != f"Basic {word}"
            or asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != given.get("redirect_uri")
        ):
            return httpx.Response(400, json={"error": "invalid_grant"})
        body = {"access_token": "a", "token_type": "Bearer", "id_token": self._signed(asked["nonce"])}
        return httpx.Response(200, json=body)

    def _signed(self, nonce: str) -> str:
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce,
            **self.claims, **self.changed,
        }  # fmt: skip
        if self.algorithm == "none":
            parts = [b'{"alg":"none"}', str(claims).replace("'", '"').encode(), b""]
            return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
        header = {"alg": self.algorithm, "kid": self.key.kid}
        return jwt.encode(header, claims, self.key)


def another_key(name: str) -> RSAKey:
    """Return a fresh key."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})
