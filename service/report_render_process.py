"""Writes a report: `python -m service.report_render_process FORMAT FILE`.

The document comes as JSON on standard input. A process of its own at a low priority: calls in the
service are not kept waiting while a PDF is laid out.
"""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from reporting.reports import Format
from reporting.reports_document import Document

_CALM = 10  # added niceness: calls come first


def _writers() -> Mapping[Format, Callable[[Document, Path], None]]:
    """Return the writers; each brings its library, so only the process that writes has them."""
    from service.report_csv import write_csv
    from service.report_pdf import write_pdf
    from service.report_xlsx import write_xlsx

    return {Format.CSV: write_csv, Format.PDF: write_pdf, Format.XLSX: write_xlsx}


def main(form: str, path: str) -> None:
    """Read a document and write it."""
    document = msgspec.json.decode(sys.stdin.buffer.read(), type=Document)
    _writers()[Format(form)](document, Path(path))


if __name__ == "__main__":
    os.umask(0o077)
    os.nice(_CALM)
    main(sys.argv[1], sys.argv[2])
