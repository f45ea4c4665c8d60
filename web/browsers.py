"""A user agent in a few words, for the owner of a session."""

_NAMES = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"), ("python-httpx/", "httpx"),
)  # fmt: skip
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser_name(user_agent: str) -> str:
    """Return e.g. `Chrome, Linux`; `?` for what cannot be told."""
    found = [next((name for sign, name in signs if sign in user_agent), "") for signs in (_NAMES, _SYSTEMS)]
    return ", ".join(filter(None, found)) or "?"
