"""Structured logs, from which personal data is kept out twice.

First by key: a value that is personal may be logged under a marked key only (`PERSONAL_KEYS`, or any
key that starts with `personal_`), and is hidden there. Then by shape: in every other value, in texts
and tracebacks too, seven or more digits in a row are masked, with or without separators between
them, because an NPWP, a NIK, an EFIN or a phone number is at least that long. A few keys hold
identifiers and may keep their digits, when the value has the identifier's own shape.

Everything goes the same way: structlog, the standard library's logging (uvicorn, APScheduler, pyst2,
Alembic) and Twisted's. A thread of its own writes, so that a stopped terminal or a slow disk never
holds up a call.
"""

import logging
import logging.handlers
import queue
import re
import sys
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import structlog

HIDDEN = "(hidden)"
MASK = "(digits)"
LEAST_DIGITS = 7
WIB = ZoneInfo("Asia/Jakarta")

PERSONAL_KEYS = frozenset(
    {"caller", "digits", "efin", "email", "facts", "key", "name", "nik", "nitku", "npwp", "ntpn", "number"}
    | {"phone", "secret", "password", "taxpayer", "values"}
)

# Keys that may keep long numbers, and the shape a value must have to keep them.
_OWN_ID = r"[0-9a-f]{32}"
_ASTERISK_ID = r"\d{10}\.\d{1,9}"
_SHAPES: Mapping[str, re.Pattern[str]] = {
    "timestamp": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+\d\d:\d\d)"),
    "call": re.compile(_OWN_ID),
    "call_id": re.compile(_OWN_ID),
    "channel": re.compile(f"{_OWN_ID}|{_ASTERISK_ID}"),
    "playback": re.compile(rf"{_OWN_ID}(\.\d{{1,6}})?"),
    "flow_version": re.compile(r"(?=\d*[a-f])[0-9a-f]{16}"),
    "pid": re.compile(r"\d{1,7}"),
}
# A run of digits of any script, up to two separators between them allowed, of those too that word processors
# put there; our own ids are left alone (a letter is among their 32 hex digits).
_BETWEEN = r"[^\S\n\r]|[._\-/()\u00ad\u2010-\u2015\u2212\u200b\u2060\ufeff]"
_RUN = re.compile(
    r"(?P<id>(?<![0-9a-z])(?=\d*[a-f])[0-9a-f]{32}(?![0-9a-z]))"
    rf"|\d(?:(?:{_BETWEEN}){{0,2}}\d){{{LEAST_DIGITS - 1},}}"
)

Event = MutableMapping[str, Any]


def redact(logger: object, method: str, event: Event) -> Event:
    """Hide marked values and mask long numbers everywhere else (a structlog processor)."""
    return {_mask(str(key)): _value(str(key), value) for key, value in event.items()}


def _value(key: str, value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if key in PERSONAL_KEYS or key.startswith("personal_"):
        return HIDDEN
    shape = _SHAPES.get(key)
    if shape is not None and shape.fullmatch(str(value)):
        return value
    if isinstance(value, int | float):
        return value if abs(value) < 10 ** (LEAST_DIGITS - 1) else MASK
    if isinstance(value, Mapping):
        return {_mask(str(inner)): _value(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_value("", item) for item in value]
    if isinstance(value, bytes):
        return _mask(value.decode("utf-8", "replace"))
    return _mask(str(value))


def _mask(text: str) -> str:
    return _RUN.sub(lambda found: found.group() if found.group("id") else MASK, text)


def configure_logs(
    level: str,
    console: str,
    folder: Path | None,
    *,
    file_name: str = "kring.log",
    stream: TextIO | None = None,
) -> Callable[[], None]:
    """Send every log to the console and, as JSON, to a rotating file in `folder`.

    `level` is `debug` to `error`; `console` is `json`, `console`, or `auto` (console where a person
    watches). Returns the function that writes what is left and stops; call it last.
    """
    stream = stream or sys.stderr
    handlers: list[logging.Handler] = [logging.StreamHandler(stream)]
    person = console == "console" or (console == "auto" and stream.isatty())
    handlers[0].setFormatter(_formatter(_for_people(stream.isatty()) if person else _json()))
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        file = logging.handlers.RotatingFileHandler(
            folder / file_name, maxBytes=20_000_000, backupCount=5, encoding="utf-8"
        )
        file.setFormatter(_formatter(_json()))
        handlers.append(file)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_stamps(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=True,
    )
    return _through_a_thread(level, handlers)


def capture_twisted_logs() -> None:
    """Let Twisted's own messages go the same way. Once per process."""
    from typing import cast

    from twisted.logger import ILogObserver, STDLibLogObserver, globalLogBeginner

    observer = cast(ILogObserver, STDLibLogObserver())  # zope's declaration is not seen by a type checker
    globalLogBeginner.beginLoggingTo([observer], discardBuffer=True, redirectStandardIO=False)


def _through_a_thread(level: str, handlers: list[logging.Handler]) -> Callable[[], None]:
    waiting: queue.Queue[logging.LogRecord] = queue.Queue(maxsize=20_000)
    root = logging.getLogger()
    entrance = _Entrance(waiting)
    for old in list(root.handlers):
        if isinstance(old, _Entrance):
            root.removeHandler(old)
    root.addHandler(entrance)
    root.setLevel(level.upper())
    for name in ("apscheduler", "uvicorn", "picows", "alembic", "asyncio"):  # each tells of every routine run
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    listener = logging.handlers.QueueListener(waiting, *handlers)
    listener.start()

    def stop() -> None:
        root.removeHandler(entrance)
        listener.stop()
        for handler in handlers:
            handler.close()

    return stop


class _Entrance(logging.handlers.QueueHandler):
    """Hands records to the writing thread; a full queue drops them, a call never waits for a log."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        if not isinstance(record.msg, dict):  # a foreign one: its arguments may change after this call
            record.msg, record.args = record.getMessage(), None
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            return


def _stamps() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
    ]


def _time_of_record(logger: object, method: str, event: Event) -> Event:
    event["timestamp"] = datetime.fromtimestamp(event["_record"].created, UTC).isoformat()
    return event


def _formatter(renderers: list[Any]) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_stamps(), structlog.stdlib.ExtraAdder(), _time_of_record],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redact,
            *renderers,
        ],
    )


def _json() -> list[Any]:
    return [structlog.processors.JSONRenderer(sort_keys=False)]


def _for_people(colours: bool) -> list[Any]:
    renderer = structlog.dev.ConsoleRenderer(colors=colours, pad_event_to=0)
    return [_jakarta_time, renderer]


def _jakarta_time(logger: object, method: str, event: Event) -> Event:
    stamp = event.get("timestamp")
    if isinstance(stamp, str):
        event["timestamp"] = f"{datetime.fromisoformat(stamp).astimezone(WIB):%H:%M:%S} WIB"
    event.pop("logger", None)
    return event
