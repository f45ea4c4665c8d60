"""What the service counts of capture. Labels are words: never a call, never a person."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BEGINS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)  # seconds
_LENGTHS = (15, 60, 180, 300, 600, 1200, 2400, 3600)  # seconds


class CaptureMetrics:
    """Capture's metrics (`service.recording_capture_work.Counts`)."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._began = Histogram(
            "kring_recording_begin_seconds",
            "Time from the order to record until both files were there.",
            buckets=_BEGINS,
            registry=registry,
        )
        self._failed = Counter(
            "kring_recording_begin_failures_total",
            "Orders to record that failed, by cause.",
            ["cause"],
            registry=registry,
        )
        self._length = Histogram(
            "kring_recording_seconds", "Length of recordings.", buckets=_LENGTHS, registry=registry
        )
        self._silences = Counter(
            "kring_recording_silence_failures_total",
            "Times that Asterisk was not told of a silence; sealing makes it good.",
            registry=registry,
        )
        self._ready = Gauge(
            "kring_recording_ready", "1 while calls can be recorded, else 0.", registry=registry
        )

    def recording_began(self, after: float) -> None:
        """One began so many seconds after it was wanted."""
        self._began.observe(after)

    def recording_failed(self, cause: str) -> None:
        """An order to begin failed."""
        self._failed.labels(cause).inc()

    def recording_ended(self, seconds: float) -> None:
        """One ended."""
        self._length.observe(seconds)

    def silence_failed(self) -> None:
        """Asterisk was not told of a silence."""
        self._silences.inc()

    def recording_ready(self, ready: bool) -> None:
        """Whether calls can be recorded."""
        self._ready.set(ready)
