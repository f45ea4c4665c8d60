"""What an installation decides about its Asterisk."""

from dataclasses import dataclass, field
from pathlib import Path

# The line's number, its two forms before July 2015, and the form that calls from abroad carry.
NUMBERS = ("1500200", "500200", "021500200", "+621500200")
APPLICATION = "kring"
LIMIT_VARIABLE = "KRING_LIMIT"  # the dialplan's global variable: inbound calls inside at once
ARI_USER = "kring"
AMI_USER = "kring"
GUARD = "Local/{zone}@kring-outbound/n"  # the endpoint of every call to people outside, by their zone
ANSWERED = "kring-out-answered"  # the context in which our half of it goes on
LEDGER = "outbound.csv"  # below log/cel-custom: Asterisk's own record of these calls
# What a called person hears when the service is away: who called, and which number to ring back.
NOBODY_PROMPTS = ("called_by_us", "called_nobody_there", "call_us_back", "goodbye_called")
LEGAL_HOURS = (8, 18)  # calls to people outside begin from this hour on, and before that one
ECHO = "*43"  # what an agent's phone dials to hear itself
ECHO_LIMIT = 60  # seconds


@dataclass(frozen=True, slots=True)
class Wss:
    """Where browsers connect: SIP over secure WebSockets at `wss://HOST:PORT/ws`."""

    host: str
    port: int
    certificate: Path  # PEM
    key: Path  # PEM, readable by its owner only


@dataclass(frozen=True, slots=True)
class AsteriskSettings:
    """Everything the configuration of one Asterisk is rendered from.

    ARI and AMI always listen on 127.0.0.1. Secrets may hold letters, digits, `-` and `_` only, since
    Asterisk's configuration files give other characters a meaning.
    """

    home: Path  # the run folder is `home/asterisk`
    ari_password: str = field(repr=False)
    ami_password: str = field(repr=False)
    sip_host: str = "127.0.0.1"
    sip_port: int = 5060
    ari_port: int = 8088
    ami_port: int = 5038
    wss: Wss | None = None  # None: no browsers
    rtp_first: int = 20000
    rtp_last: int = 23999
    trunks: tuple[str, ...] = ("127.0.0.1",)  # addresses or networks that may send calls
    outbound: str = ""  # address and port of the trunk that takes our own calls; empty: there is none
    outbound_lines: int = 30  # our own calls to people outside that may be on at once
    outbound_hours: tuple[int, int] = LEGAL_HOURS  # of the callee's zone; (0, 24) to try it out on loopback
    max_calls: int = 500  # inbound calls inside at once; a further one gets 503
    hold_retry: int = 8  # seconds between two tries to hand a held caller to the service
    hold_announce: int = 32  # seconds between two announcements to a held caller
    hold_limit: int = 600  # seconds a caller is held while the service is down

    @property
    def folder(self) -> Path:
        """Return the run folder: configuration, sounds, logs, sockets of this Asterisk."""
        return self.home / "asterisk"

    @property
    def sounds(self) -> Path:
        """Return the folder that holds `kring/id/NAME.alaw` and `kring/en/NAME.alaw`."""
        return self.folder / "sounds"

    @property
    def ledger(self) -> Path:
        """Return Asterisk's own record (CEL) of calls to people outside: CSV of times, our ids and causes."""
        return self.folder / "log" / "cel-custom" / LEDGER

    @property
    def recordings(self) -> Path:
        """Return the folder into which ARI records."""
        return self.folder / "spool" / "recording"

    @property
    def ari_url(self) -> str:
        """Return the address of ARI, e.g. `http://127.0.0.1:8088/ari`."""
        return f"http://127.0.0.1:{self.ari_port}/ari"

    @property
    def websocket_url(self) -> str:
        """Return where SIP is spoken in WebSockets on this machine, e.g. `ws://127.0.0.1:8088/ws`."""
        return f"ws://127.0.0.1:{self.ari_port}/ws"
