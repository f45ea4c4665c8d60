"""What `kring doctor` looks at of reports: the folder they go to, the mail server."""

import os
import smtplib
import ssl
from collections.abc import Iterator

from service.checkup_limits import limits
from service.findings import good, note, wrong
from service.settings import Settings
from web.checkup_port import Finding

_GREETED = 250  # RFC 5321


def reports(settings: Settings) -> Iterator[Finding]:
    """Whether reports can be put where others fetch them."""
    folder = settings.report_folder or settings.home / "reports" / "out"
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if settings.report_folder is not None and not folder.is_dir():
        yield wrong("reports", "reports_missing", folder=folder)
    elif not os.access(there, os.W_OK | os.X_OK):
        yield wrong("reports", "reports_closed", folder=there)
    else:
        yield good("reports", "reports", folder=folder)


def mail(settings: Settings) -> Iterator[Finding]:
    """Whether the mail server answers as the settings have it. Nothing is sent, nobody signs in."""
    host, port, how = settings.report_mail_host, settings.report_mail_port, settings.report_mail_security
    if not host:
        yield note("mail", "mail_none")
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
        yield wrong("mail", "mail_silent", type(error).__name__, host=host, port=port, how=how)
        return
    if code != _GREETED:
        yield wrong("mail", "mail_refuses", host=host, port=port, answer=code)
    else:
        yield good("mail", "mail", host=host, port=port, how=how)
