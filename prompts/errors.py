"""What can be wrong with a prompt. None of these messages carries a caller's value."""


class PromptError(Exception):
    """Something is wrong with a prompt."""


class BadCatalogue(PromptError):
    """The catalogue, the words or the lexicon cannot be used as written."""


class UnknownPrompt(PromptError):
    """The catalogue has no prompt of this name in this language."""


class MissingValue(PromptError):
    """A prompt speaks a value that was not given."""


class BadValue(PromptError):
    """A value cannot be spoken as the kind that the prompt declares."""


class MissingSound(PromptError):
    """A sound has no audio file."""


class SpeechUnavailable(PromptError):
    """A program or package that only rendering or recognising needs is not installed."""
