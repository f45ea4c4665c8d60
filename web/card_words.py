"""The words of the card: menus, queues and matters as staff call them."""

from web.texts import Texts


class CardWords:
    """Texts in one language; what has no text stands for itself."""

    def __init__(self, texts: Texts, language: str) -> None:
        self._texts = texts
        self.language = language

    def choice(self, target: str) -> str:
        """Return what a caller chose, by the step that the key leads to (FLOW.STEP)."""
        return self._word(f"card_path.{target}", target.partition(".")[2].replace("_", " "))

    def queue(self, queue: str) -> str:
        """Return a queue's name; `efin/B` with its tier."""
        base, _, tier = queue.partition("/")
        label = self._word(f"desk_subject.{base}", base.replace("_", " "))
        return f"{label} · {tier}" if tier else label

    def group(self, key: str) -> str:
        """Return the name of a group of taxpayers."""
        return self._word(f"card.group_{key}", key.replace("_", " "))

    def matter(self, key: str) -> str:
        """Return the title or step of a matter."""
        return self._word(f"matters_word.{key}", key.replace("_", " "))

    def _word(self, name: str, otherwise: str) -> str:
        return self._texts.say(self.language, name) if name in self._texts else otherwise
