"""A real browser is asked for: `KRING_TEST_BROWSER=1 pytest tests/browser`.

Needs Debian's `chromium`, and `npm`, which fetches the SIP library into the cache.
"""

import os

collect_ignore_glob = [] if os.environ.get("KRING_TEST_BROWSER") else ["test_*.py"]
