"""Writes a report: `python -m service.report_render_process FORMAT FILE`.

The document comes as JSON on standard input. A process of its own at a low priority: calls in the
service are not kept waiting while a PDF is laid out.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from reporting.reports import Format
from reporting.reports_document import Document

_CALM = 10  # added niceness: calls come first


def writer(form: Format) -> Callable[[Document, Path], None]:
    """Return what writes a format; only its own library is loaded."""
    match form:
        case Format.CSV:
            from service.report_csv import write_csv

            return write_csv
        case Format.PDF:
            from service.report_pdf import write_pdf

            return write_pdf
        case Format.XLSX:
            from service.report_xlsx import write_xlsx

            return write_xlsx


def main(form: str, path: str) -> None:
    """Read a document and write it."""
    document = msgspec.json.decode(sys.stdin.buffer.read(), type=Document)
    writer(Format(form))(document, Path(path))


if __name__ == "__main__":
    os.umask(0o077)
    os.nice(_CALM)
    main(sys.argv[1], sys.argv[2])
