"""The peers' own environment: other clients are measured, never installed beside the product."""

import subprocess
import sys
import venv
from pathlib import Path

LIST = Path(__file__).parent / "peers.txt"


def peer_python(cache: Path) -> Path:
    """Return the interpreter of the peers' environment; make it if needed.

    Raises subprocess.CalledProcessError when pip cannot install them.
    """
    folder = cache / "bench-peers"
    python, stamp = folder / "bin" / "python", folder / "installed.txt"
    wanted = LIST.read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        print("  installing the peers …", file=sys.stderr, flush=True)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", LIST], check=True)
        stamp.write_text(wanted)
    return python
