"""How programs of this installation ask its own pages by HTTPS."""

import ssl

from service.settings import Settings


def web_trust(settings: Settings) -> ssl.SSLContext | None:
    """Return what trusts the certificate of the pages; None where pages are served without TLS.

    This very certificate is trusted and no other, whatever names it is for: the service is asked by its
    address on this machine. Raises OSError when the certificate cannot be read.
    """
    if not settings.pages_by_tls:
        return None
    trust = ssl.create_default_context(cafile=settings.web_files[0])
    trust.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    trust.check_hostname = False
    return trust
