"""One recording checked and converted, or one text spoken, in a process of its own: calls go on meanwhile.

`python -m service.prompt_worker take` reads a recording, `… speak LANGUAGE LEXICON` a text, from standard
input. Both write a line of JSON, and behind it the WAV file. Exit code 3: refused, and the line says why.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from prompts.errors import PromptError, SpeechUnavailable
from prompts.pronunciation import Lexicon
from prompts.render import spoken_samples
from prompts.take import BadRecording, Taken, take
from prompts.texts import Recording
from prompts.voices import KokoroVoice
from prompts.wav import encoded

REFUSED = 3
_NICE = 10  # calls come first


def main() -> int:
    """Do what the command line says; return the exit code."""
    os.nice(_NICE)
    given = sys.stdin.buffer.read()
    try:
        made = (
            take(given) if sys.argv[1] == "take" else _spoken(sys.argv[2], Path(sys.argv[3]), given.decode())
        )
    except BadRecording as error:
        return _refused(error.word, error.values)
    except SpeechUnavailable as error:
        return _refused("no_voice", {"what": str(error)})
    except (PromptError, ValueError) as error:
        return _refused("voice", {"what": str(error)})
    head = {"seconds": made.seconds, "notes": dict(made.notes)}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + encoded(made.samples))
    return 0


def _spoken(language: str, lexicon: Path, text: str) -> Taken:
    recording = Recording(f"{language}/announce", language, text)
    return Taken(spoken_samples(recording, Lexicon.load(lexicon), KokoroVoice()), {})


def _refused(word: str, values: Mapping[str, str]) -> int:
    sys.stdout.write(json.dumps({"word": word, "values": dict(values)}) + "\n")
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
