"""What the keeper loads before it forks must leave nothing behind that a fork would break."""

import json
import subprocess
import sys

PROGRAM = """
import json, os, sys, threading
import service.commands.serve
import service.process
import web.app
paths = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
links = [os.readlink(path) for path in paths if os.path.lexists(path)]
print(json.dumps({
    "threads": threading.active_count(),
    "kernel_threads": len(os.listdir("/proc/self/task")),
    "reactor": "twisted.internet.reactor" in sys.modules,
    "sockets": [link for link in links if link.startswith("socket:")],
}))
"""


def test_importing_the_service_starts_no_thread_opens_no_socket_and_installs_no_reactor() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    assert json.loads(done.stdout) == {"threads": 1, "kernel_threads": 1, "reactor": False, "sockets": []}
