"""The files of the package, parsed, and what a measure finds in them."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "distsnn"
MODELS = ("neurons", "plasticity")


@dataclass(frozen=True)
class Finding:
    """Something beyond a limit. key: its room and name, so that it survives edits and moves."""

    key: str
    value: float = 1


@dataclass
class Source:
    """A file of the package, parsed."""

    path: Path
    root: Path = PACKAGE
    text: str = field(init=False)

    def __post_init__(self) -> None:
        self.text = self.path.read_text()

    @property
    def name(self) -> str:
        """The path in the package, with slashes."""
        return self.path.relative_to(self.root).as_posix()

    @property
    def folder(self) -> str:
        return self.path.parent.relative_to(self.root).as_posix()

    @property
    def room(self) -> str:
        """The folder right below the package, or "." for its own files."""
        parts = self.path.relative_to(self.root).parts
        return parts[0] if len(parts) > 1 else "."

    @property
    def module(self) -> str:
        parts = self.path.relative_to(self.root.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def n_lines(self) -> int:
        return len(self.text.splitlines())

    @cached_property
    def n_comments(self) -> int:
        """Lines with a comment; those that steer a tool do not count."""
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return sum(
            token.type == tokenize.COMMENT
            and not re.match(r"#\s*(type:|noqa|fmt:|pragma|!)", token.string)
            for token in tokens
        )


@cache
def sources(root: Path = PACKAGE) -> tuple[Source, ...]:
    """Return every file of the package."""
    return tuple(Source(path, root) for path in sorted(root.rglob("*.py")))


def name_of(node: ast.expr) -> str:
    """Return the name that a call, an attribute or a name ends with."""
    if isinstance(node, ast.Call):
        return name_of(node.func)
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
