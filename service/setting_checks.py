"""Settings that are fine alone and wrong together."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.settings import Settings

_TCP = ("web_port", "sip_port", "wss_port", "ari_port", "ami_port")  # SIP listens by UDP too
_BUCKET = ("recording_s3_endpoint", "recording_s3_access_key", "recording_s3_secret_file")


def problems(settings: Settings, shifted: Sequence[str], spell: Callable[[str], str]) -> Iterator[str]:
    """Yield what is wrong, each with its remedy.

    `shifted`: the ports that `port_offset` is added to; `spell`: how a setting is written in the environment.
    """
    yield from _ports(settings, shifted, spell)
    yield from _calls_out(settings)
    yield from _pages(settings)
    yield from _recordings(settings)
    yield from _mail(settings)
    if settings.database_password_file is not None and settings.database_url is None:
        yield "database_password_file: has no use without database_url; set both or none"


def _ports(settings: Settings, shifted: Sequence[str], spell: Callable[[str], str]) -> Iterator[str]:
    taken: dict[int, str] = {}
    for key in _TCP:
        port = getattr(settings, key)
        if port in taken:
            yield f"{key} = {port}: {taken[port]} uses this port; set {spell(key)} to another"
        taken[port] = key
    for key in shifted:
        if getattr(settings, key) > 65535:
            yield f"{key} = {getattr(settings, key)}: no such port; lower port_offset"
    if settings.rtp_last - settings.rtp_first < 3:
        yield f"rtp_last = {settings.rtp_last}: must be at least 3 above rtp_first = {settings.rtp_first}"


def _calls_out(settings: Settings) -> Iterator[str]:
    """Refuse calls at any hour to anybody but a trunk on this machine."""
    host = settings.outbound.rpartition(":")[0].removeprefix("[").removesuffix("]")
    if settings.outbound_hours == "always" and host and not ipaddress.ip_address(host).is_loopback:
        yield (
            f"outbound_hours = always: only with a trunk on this machine, outbound = {settings.outbound} "
            "is none; unset it"
        )


def _pages(settings: Settings) -> Iterator[str]:
    if (settings.web_certificate is None) != (settings.web_key is None):
        yield "web_certificate, web_key: one is no use without the other; set both or none"
    if settings.web_certificate is not None and not settings.pages_by_tls:
        yield "web_certificate: has no use while pages are served without TLS; set web_tls to on, or unset it"
    if (settings.oidc_issuer is None) != (settings.oidc_secret_file is None):
        yield "oidc_issuer, oidc_secret_file: one needs the other; set both or none"


def _recordings(settings: Settings) -> Iterator[str]:
    """Refuse a bucket without the way to it, and a way without a bucket."""
    missing = [key for key in _BUCKET if not getattr(settings, key)]
    in_bucket = settings.recording_store.startswith("s3://")
    if in_bucket and missing:
        yield f"recording_store: a bucket needs {', '.join(missing)}; set them"
    if not in_bucket and len(missing) < len(_BUCKET):
        yield "recording_s3_…: have no use without recording_store = s3://BUCKET; set it, or unset them"


def _mail(settings: Settings) -> Iterator[str]:
    """Refuse half a mail server, and a password that would go in clear over a network."""
    host = settings.report_mail_host
    if host and not settings.report_mail_from:
        yield "report_mail_from: the mail server needs an address that reports come from; set it"
    if (not settings.report_mail_user) != (settings.report_mail_secret_file is None):
        yield "report_mail_user, report_mail_secret_file: one is no use without the other; set both or none"
    in_clear = settings.report_mail_security == "none" and settings.report_mail_user
    if host and in_clear and not _here(host):
        yield "report_mail_security = none: a password would go in clear; set it to starttls or tls"


def _here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
