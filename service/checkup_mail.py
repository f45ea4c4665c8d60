"""What `kring doctor` looks at of reports: the folder they go to, the mail server."""

import os
import smtplib
import ssl
from collections.abc import Iterator

from service.checkup_limits import limits
from service.findings import Finding, note
from service.settings import Settings

_GREETED = 250  # RFC 5321


def reports(settings: Settings) -> Iterator[Finding]:
    """Whether reports can be put where others fetch them."""
    folder = settings.report_folder or settings.home / "reports" / "out"
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if settings.report_folder is not None and not folder.is_dir():
        yield Finding("reports", f"{folder}: not there", "mount or make it, or correct KRING_REPORT_FOLDER")
    elif not os.access(there, os.W_OK | os.X_OK):
        yield Finding("reports", f"{there}: cannot be written", "give this user the right to write there")
    else:
        yield Finding("reports", f"are put into {folder}")


def mail(settings: Settings) -> Iterator[Finding]:
    """Whether the mail server answers as the settings have it. Nothing is sent, nobody signs in."""
    host, port, how = settings.report_mail_host, settings.report_mail_port, settings.report_mail_security
    if not host:
        yield note(
            "mail", "no mail server: reports are put into folders only", "KRING_REPORT_MAIL_HOST, if wanted"
        )
        return
    within = max(limits().heartbeat_seconds, 1.0)
    try:
        context = ssl.create_default_context()
        if how == "tls":
            with smtplib.SMTP_SSL(host, port, timeout=within, context=context) as server:
                code, _ = server.ehlo()
        else:
            with smtplib.SMTP(host, port, timeout=within) as server:
                code, _ = server.ehlo()
                if how == "starttls":
                    server.starttls(context=context)
    except (OSError, smtplib.SMTPException) as error:
        remedy = "look at KRING_REPORT_MAIL_HOST, _PORT and _SECURITY, the certificate, and the network"
        yield Finding("mail", f"{host}:{port} by {how}: {type(error).__name__}", remedy)
        return
    if code != _GREETED:
        yield Finding("mail", f"{host}:{port}: answers {code}", "look at the mail server's log")
    else:
        yield Finding("mail", f"{host}:{port} by {how}: answers")
