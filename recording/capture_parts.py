"""Parts of a recording that were recorded anew: each lies by its time, and is joined when all has ended."""

from __future__ import annotations

import os
from pathlib import Path

from recording.plain import PlainFolder
from recording.recordings import RATE, SIDES
from recording.wav import SAMPLE_BYTES, Wav, WavRefused, look, repair, samples, wav_header

FOLDER = "parts"  # below the folder of plain audio, with the same rights


class PlainParts:
    """The parts below a folder of plain audio. All of it blocks."""

    def __init__(self, plain: PlainFolder) -> None:
        self._plain = plain
        self._folder = plain.root / FOLDER

    def make(self) -> None:
        """Make the folder. Raises OSError."""
        self._folder.mkdir(mode=0o700, exist_ok=True)

    def paths(self, recording_id: str, since_ms: int) -> tuple[Path, Path]:
        """Return where a part's sides go: caller's and agent's."""
        caller, agent = (self._folder / f"{recording_id}-{side}-{since_ms:09d}.wav" for side in SIDES)
        return caller, agent

    def last(self, recording_id: str) -> tuple[int, tuple[Path, Path]]:
        """Return what is written now: since which millisecond, and the sides."""
        since = max(self._since(recording_id), default=0)
        if since:
            return since, self.paths(recording_id, since)
        caller, agent = (self._plain.path(recording_id, side) for side in SIDES)
        return 0, (caller, agent)

    def join(self, recording_id: str) -> None:
        """Put the parts into the two files; between them there is silence. Raises OSError, WavRefused."""
        for since in sorted(self._since(recording_id)):
            for side, part in zip(SIDES, self.paths(recording_id, since), strict=True):
                if part.exists():
                    self._append(repair(look(self._plain.path(recording_id, side))), part, since)
                    part.unlink()

    def _since(self, recording_id: str) -> set[int]:
        found = self._folder.glob(f"{recording_id}-*.wav") if self._folder.is_dir() else ()
        return {int(path.stem.rpartition("-")[2]) for path in found}

    @staticmethod
    def _append(whole: Wav, part: Path, since_ms: int) -> None:
        """Lay a part over the end of a side, from its time on."""
        try:
            more = look(part)
        except WavRefused:
            return
        begin = since_ms * RATE // 1000
        size = (begin + more.frames) * SAMPLE_BYTES
        with whole.path.open("r+b") as file:
            # What lies between the end and the part reads as zeros; what overlaps is the part's.
            file.truncate(whole.offset + begin * SAMPLE_BYTES)
            file.seek(whole.offset + begin * SAMPLE_BYTES)
            samples(more, 0, more.frames).tofile(file)
            file.seek(0)
            file.write(wav_header(size))
            file.flush()
            os.fsync(file.fileno())
