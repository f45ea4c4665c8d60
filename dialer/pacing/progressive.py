"""Progressive: never more lines than free agents."""

from dialer.pacing.view import PacingView


class Progressive:
    """A `dialer.pacing.view.Pacer` that learns nothing. Also for preview, where each dial is asked for."""

    def __init__(self) -> None:
        self._why = "nothing asked yet"

    def dialled(self, now: float) -> None:
        """Nothing to learn."""

    def dial_ended(self, now: float, age: float, *, live: bool, cancelled: bool = False) -> None:
        """Nothing to learn."""

    def abandoned(self, now: float) -> None:
        """Nothing to learn."""

    def talk_ended(self, now: float, seconds: float) -> None:
        """Nothing to learn."""

    def wrap_up_ended(self, now: float, seconds: float) -> None:
        """Nothing to learn."""

    def dials(self, view: PacingView) -> int:
        """Return free agents minus lines that ring or wait, at most the leads and lines there are."""
        wanted = view.idle - len(view.ringing) - len(view.waiting)
        answer = min(wanted, view.leads, view.lines) if wanted > 0 else max(wanted, -len(view.ringing))
        self._why = f"{view.idle} free, {len(view.ringing)} ringing, {len(view.waiting)} waiting: {answer:+d}"
        return answer

    def explain(self) -> str:
        """Return the last count."""
        return self._why
