"""The waiting room while no agents are connected: callers wait, and nobody takes them."""

from domain.waiting_room import Place, RoomExit, WaitingCall


class UnattendedRoom:
    """A `domain.waiting_room.WaitingRoom` that keeps places and lets everybody go when it closes."""

    def __init__(self) -> None:
        self._waiting: dict[str, WaitingCall] = {}

    def enter(self, call: WaitingCall) -> None:
        """Let a call wait. A call that is already inside keeps its place."""
        self._waiting.setdefault(call.call_id, call)

    def leave(self, call_id: str, why: str) -> None:
        """Take a call out. Idempotent."""
        self._waiting.pop(call_id, None)

    def handed_over(self, call_id: str, channel: str) -> None:
        """Do nothing: nobody answers here."""

    def place(self, call_id: str) -> Place | None:
        """Return nothing: nobody will come, so no place is told."""
        return None

    def call_back(self, call_id: str) -> bool:
        """Return False: nobody is here to call back."""
        return False

    def lengths(self) -> dict[str, int]:
        """Return how many calls wait in each queue."""
        lengths: dict[str, int] = {}
        for call in self._waiting.values():
            lengths[call.queue] = lengths.get(call.queue, 0) + 1
        return lengths

    def close(self, door: RoomExit) -> None:
        """Let everybody go, longest wait first: the line was shut."""
        for call in sorted(self._waiting.values(), key=lambda call: call.since):
            del self._waiting[call.call_id]
            door.room_left(call.call_id, "closed")
