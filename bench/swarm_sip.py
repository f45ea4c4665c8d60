"""SIP as agents' phones speak it: digest (RFC 7616 with MD5), registration, and dialogs from both ends.

Writes and reads messages; sends nothing and knows no time.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass, field

from bench.sip import Message, offer, response

Address = tuple[str, int]
_PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,"]+))')


class NoDigest(Exception):
    """A challenge cannot be answered: it asks for something else than MD5 digest."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who a phone is."""

    user: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a 401 or 407 asks."""

    realm: str
    nonce: str
    opaque: str
    auth: bool  # quality of protection `auth` is offered

    @classmethod
    def of(cls, header: str) -> "Challenge":
        """Read a WWW-Authenticate or Proxy-Authenticate header. Raises NoDigest."""
        scheme, _, rest = header.strip().partition(" ")
        found = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(rest)}
        if scheme.lower() != "digest" or found.get("algorithm", "MD5").upper() != "MD5":
            raise NoDigest(f"not an MD5 digest: {header[:40]!r}")
        if "realm" not in found or "nonce" not in found:
            raise NoDigest(f"a digest without realm or nonce: {header[:40]!r}")
        offered = found.get("qop", "").replace(" ", "").split(",")
        return cls(found["realm"], found["nonce"], found.get("opaque", ""), "auth" in offered)

    def answer(self, who: Credentials, method: str, uri: str, cnonce: str = "", count: int = 1) -> str:
        """Return the value of the Authorization header (RFC 7616, 3.4)."""
        first = _md5(f"{who.user}:{self.realm}:{who.secret}")
        second = _md5(f"{method}:{uri}")
        fields = [f'username="{who.user}"', f'realm="{self.realm}"', f'nonce="{self.nonce}"', f'uri="{uri}"']
        if self.auth:
            cnonce = cnonce or secrets.token_hex(8)
            digest = _md5(f"{first}:{self.nonce}:{count:08x}:{cnonce}:auth:{second}")
            fields += ["qop=auth", f"nc={count:08x}", f'cnonce="{cnonce}"']
        else:
            digest = _md5(f"{first}:{self.nonce}:{second}")
        if self.opaque:
            fields.append(f'opaque="{self.opaque}"')
        return "Digest " + ", ".join([*fields, f'response="{digest}"', "algorithm=MD5"])


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def description(host: str, port: int, session: int) -> str:
    """Return the SDP of a phone that speaks A-law and telephone events in 20 ms packets."""
    return offer(host, port, f"swarm {session} {session}")


@dataclass(slots=True)
class Dialog:
    """One dialog or registration as this end of it writes it. Responses are `bench.sip.response`."""

    local: Address
    peer: Address
    user: str  # of this end
    remote_user: str
    call_id: str
    local_tag: str
    remote_tag: str = ""
    target: str = ""  # the URI that requests of ours go to
    cseq: int = 0
    invite_branch: str = ""
    invite_cseq: int = 0

    @classmethod
    def outgoing(cls, local: Address, peer: Address, user: str, remote_user: str) -> "Dialog":
        """Return the dialog of a call that this end will place, or of a registration (no remote user)."""
        host = f"{peer[0]}:{peer[1]}"
        target = f"sip:{remote_user}@{host}" if remote_user else f"sip:{host}"
        token = secrets.token_hex
        return cls(local, peer, user, remote_user, token(12), token(4), target=target)

    @classmethod
    def incoming(cls, local: Address, peer: Address, user: str, invite: Message) -> "Dialog":
        """Return the dialog that an INVITE to this end opens."""
        tag = tag_of(invite.headers["from"])
        remote = re.search(r"sip:([^@>;]*)@", invite.headers["from"])
        dialog = cls(local, peer, user, remote[1] if remote else "", invite.headers["call-id"],
                     secrets.token_hex(4), tag, invite.contact)  # fmt: skip
        dialog.cseq = 0
        return dialog

    def register(self, seconds: int, authorization: str = "") -> bytes:
        """Return a REGISTER for so many seconds; 0 takes it back."""
        self.cseq += 1
        extra = [f"Expires: {seconds}", *_authorized(authorization)]
        return self._request("REGISTER", self._branch(), self.cseq, extra)

    def invite(self, sdp: str, authorization: str = "") -> bytes:
        """Return an INVITE; each is a transaction of its own."""
        self.cseq += 1
        self.invite_branch, self.invite_cseq = self._branch(), self.cseq
        return self._request("INVITE", self.invite_branch, self.cseq, _authorized(authorization), sdp)

    def cancel(self) -> bytes:
        """Return the CANCEL of the last INVITE: same branch and number (RFC 3261, 9.1)."""
        return self._request("CANCEL", self.invite_branch, self.invite_cseq, (), tagged=False)

    def ack(self, *, of_success: bool) -> bytes:
        """Return the ACK of the last INVITE; of a 2xx it is a transaction of its own (13.2.2.4)."""
        branch = self._branch() if of_success else self.invite_branch
        return self._request("ACK", branch, self.invite_cseq)

    def bye(self) -> bytes:
        """Return a BYE, a new one each time; repeat its bytes to repeat it."""
        self.cseq += 1
        return self._request("BYE", self._branch(), self.cseq)

    def reply(self, request: Message, status: str, sdp: str = "") -> bytes:
        """Return a response of this end within the dialog, with its tag and contact."""
        return response(request, status, tag=self.local_tag, contact=self._contact, body=sdp)

    @property
    def _contact(self) -> str:
        return f"<sip:{self.user}@{self.local[0]}:{self.local[1]}>"

    @staticmethod
    def _branch() -> str:
        return f"z9hG4bK{secrets.token_hex(8)}"

    def _request(
        self,
        method: str,
        branch: str,
        cseq: int,
        extra: "tuple[str, ...] | list[str]" = (),
        body: str = "",
        *,
        tagged: bool = True,
    ) -> bytes:
        host, port = self.local
        remote = self.remote_user or self.user
        to = f"<sip:{remote}@{self.peer[0]}>"
        if self.remote_tag and tagged:
            to += f";tag={self.remote_tag}"
        lines = [
            f"{method} {self.target} SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port};branch={branch};rport",
            "Max-Forwards: 70",
            f"From: <sip:{self.user}@{self.peer[0]}>;tag={self.local_tag}",
            f"To: {to}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: {self._contact}",
            *extra,
        ]
        if body:
            lines.append("Content-Type: application/sdp")
        lines += [f"Content-Length: {len(body.encode())}", "", body]
        return "\r\n".join(lines).encode()


def tag_of(header: str) -> str:
    """Return the tag of a From or To header, empty when there is none."""
    found = re.search(r";\s*tag=([^;\s]+)", header)
    return found[1] if found else ""


def branch_of(message: Message) -> str:
    """Return the branch of the topmost Via: the transaction's name."""
    found = re.search(r";\s*branch=([^;,\s]+)", message.vias[0]) if message.vias else None
    return found[1] if found else ""


def user_of(message: Message) -> str:
    """Return the user that a request's URI names."""
    found = re.match(r"\S+ sips?:([^@;>\s]+)@", message.start)
    return found[1] if found else ""


def _authorized(value: str) -> list[str]:
    return [f"Authorization: {value}"] if value else []
