"""Mails reports: smtplib in a thread, with time-outs. What goes wrong becomes a word of the catalogue."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import ssl
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from domain.clock import Clock
from service.settings import Settings

_SECONDS = 30.0  # for each answer of the mail server
_TYPES = {
    ".xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ".csv": ("text", "csv"),
    ".pdf": ("application", "pdf"),
}
_TOO_LARGE = 552  # RFC 5321 and RFC 1870: the message exceeds the server's limit


class NotSent(Exception):
    """A mail did not go out: `outcome` is the word of it; `again`: a later try may go well."""

    def __init__(self, outcome: str, *, again: bool) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.again = again


@dataclass(frozen=True, slots=True)
class MailServer:
    """How mails leave."""

    host: str
    port: int
    security: str  # starttls, tls, none
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. `key` names the delivery: a mail sent twice after a crash can be told as the same."""

    key: str
    to: str
    subject: str
    text: str
    files: Sequence[Path]


class ReportMails:
    """Sends them by the installation's settings, which are read at each mail."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    async def send(self, mail: Mail) -> None:
        """Send one. Raises NotSent."""
        await asyncio.to_thread(self._send, mail)

    def _send(self, mail: Mail) -> None:
        send(mail_server(self._settings), self._message(mail))

    def _message(self, mail: Mail) -> EmailMessage:
        sender = self._settings.report_mail_from
        domain = sender.rpartition("@")[2] or "localhost"
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, mail.to, mail.subject
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = f"<{mail.key}@{domain}>" if mail.key else make_msgid(domain=domain)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        message.set_content(mail.text)
        for path in mail.files:
            main, sub = _TYPES[path.suffix]
            message.add_attachment(path.read_bytes(), maintype=main, subtype=sub, filename=path.name)
        return message


def mail_server(settings: Settings) -> MailServer:
    """Return the server by the settings. Raises NotSent: not set up, or its secret cannot be used."""
    if not settings.report_mail_host or not settings.report_mail_from:
        raise NotSent("mail_off", again=False)
    secret = ""
    if settings.report_mail_secret_file is not None:
        try:
            if stat.S_IMODE(settings.report_mail_secret_file.stat().st_mode) & 0o077:
                raise NotSent("mail_login", again=True)
            secret = settings.report_mail_secret_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise NotSent("mail_login", again=True) from error
    return MailServer(
        settings.report_mail_host,
        settings.report_mail_port,
        settings.report_mail_security,
        settings.report_mail_from,
        settings.report_mail_user,
        secret,
    )


def send(server: MailServer, message: EmailMessage) -> None:
    """Hand a message to the server. Blocking. Raises NotSent."""
    try:
        with _connect(server) as smtp:
            if server.security == "starttls":
                smtp.starttls(context=server.trust())
            if server.user:
                smtp.login(server.user, server.password)
            smtp.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise _refused(code) from error
    except smtplib.SMTPAuthenticationError as error:
        raise NotSent("mail_login", again=True) from error
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code) from error
    except (ssl.SSLError, smtplib.SMTPNotSupportedError) as error:
        raise NotSent("mail_tls", again=True) from error
    except (OSError, smtplib.SMTPException) as error:  # also what ends in the middle
        raise NotSent("mail_unreachable", again=True) from error


def _connect(server: MailServer) -> smtplib.SMTP:
    name = socket.gethostname()
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, name, timeout=_SECONDS, context=server.trust())
    return smtplib.SMTP(server.host, server.port, name, timeout=_SECONDS)


def _refused(code: int) -> NotSent:
    """Return what an answer of the server means: 4xx may go well later, 5xx will not (RFC 5321)."""
    if code == _TOO_LARGE:
        return NotSent("mail_too_large", again=False)
    return NotSent("mail_busy", again=True) if code < 500 else NotSent("mail_refused", again=False)
