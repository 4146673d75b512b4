"""Texts of equations: where a part of one stands, and the message about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from distsnn.checks import must_be, shown, text
from distsnn.errors import NetworkError

MAX_CHARACTERS = 20_000
MAX_SHOWN = 40  # characters of the part in a message


@dataclass(frozen=True)
class Source:
    """A text that the user gave. title: what messages call it, such as ``equations``."""

    title: str
    text: str

    def __post_init__(self) -> None:
        text(self.title, self.text, remedy="Write it as text.")
        if len(self.text) > MAX_CHARACTERS:
            limit = f"a text of at most {MAX_CHARACTERS} characters"
            raise NetworkError(must_be(self.title, limit, len(self.text), "Shorten it."))
        # columns are counted in characters, and the parser counts in bytes: the same for ASCII
        for index, letter in enumerate(self.text):
            if not letter.isascii() or not (letter.isprintable() or letter in "\n\t\r"):
                limit, remedy = "a text of ASCII characters", "Write it in plain letters."
                self.fail(index, index + 1, limit, remedy=remedy)

    def place(self, start: int) -> str:
        """Return line and column, both from 1, of the character with that index."""
        line = self.text.count("\n", 0, start) + 1
        column = start - (self.text.rfind("\n", 0, start) + 1) + 1
        if "\n" not in self.text.strip("\n"):
            return f"column {column}"
        return f"line {line}, column {column}"

    def fail(
        self, start: int, stop: int, limit: str, got: str = "", remedy: str = "Correct the text."
    ) -> NoReturn:
        """Raise the one-line NetworkError about the characters start .. stop - 1.

        got: what they are instead; without it, the characters themselves are shown.
        """
        # one line, whatever the part is
        part = " ".join(self.text[start:stop].split())
        part = part if len(part) <= MAX_SHOWN else f"{part[: MAX_SHOWN - 3]}..."
        subject = f"{self.title}, {self.place(start)}"
        subject = f"{subject}, {part!r}" if got and part else subject
        raise NetworkError(f"{subject}: must be {limit}, got {got or shown(part)}. {remedy}")
