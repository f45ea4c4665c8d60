"""Tables that an installation set for itself, in place of the shipped ones of the same name.

The truth is in the database (`storage.changes`); when the service starts it lays the tables down below the
home folder, so that it, its workers and every `kring` command read the same ones until the next start.
"""

import os
from pathlib import Path

HOME_VARIABLE = "KRING_HOME"
FOLDER = "tables"
_CHECKOUT = Path(__file__).parent.parent
CHECKOUT_HOME = _CHECKOUT / "var"  # the home folder where none is named; tests name none and must have none


def own_folder() -> Path:
    """Return the folder of this installation's own tables; it need not be there."""
    return Path(os.environ.get(HOME_VARIABLE) or CHECKOUT_HOME).absolute() / FOLDER


def own_name(path: Path) -> str:
    """Return under which name a shipped file's replacement stands below `own_folder`: `desk/cases.yaml`."""
    return f"{path.parent.parent.name}/{path.name}"


def in_use(path: Path) -> Path:
    """Return the file to read for a shipped table: the installation's own where it has one.

    Any other path is returned as it is.
    """
    if path.parent.name != "data" or not path.is_relative_to(_CHECKOUT):
        return path
    own = own_folder() / own_name(path)
    return own if own.is_file() else path
