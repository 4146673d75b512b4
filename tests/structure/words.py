"""Code in faces, comments, feelers, old names and old messages."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from structure.package_sources import MODELS, Finding, Source, name_of

MIN_COMMENTS = 0.04  # of the lines of a room


def code_in_faces(files: tuple[Source, ...]) -> Iterator[Finding]:
    """``__init__`` files with more than imports, constants and the lazy ``__getattr__``."""
    for file in files:
        if file.path.stem == "__init__":
            n = sum(_n_code_lines(item) for item in file.tree.body)
            if n:
                yield Finding(file.name, n)


def _n_code_lines(item: ast.stmt) -> int:
    is_lazy = isinstance(item, ast.FunctionDef) and item.name in ("__getattr__", "__dir__")
    is_plain = isinstance(item, (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr))
    is_typing = isinstance(item, ast.If) and "TYPE_CHECKING" in ast.unparse(item.test)
    if is_lazy or is_plain or is_typing:
        return 0
    return (item.end_lineno or item.lineno) - item.lineno + 1


def few_comments(files: tuple[Source, ...]) -> Iterator[Finding]:
    """Rooms with a smaller share of comment lines than the limit; the value is in percent."""
    for room, (n_comments, n_lines) in comments_of_rooms(files).items():
        if n_comments < MIN_COMMENTS * n_lines:
            yield Finding(room, round(100 * n_comments / n_lines, 1))


def comments_of_rooms(files: tuple[Source, ...]) -> dict[str, tuple[int, int]]:
    """Return comment lines and lines by room."""
    comments: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for file in files:
        comments[file.room] += file.n_comments
        lines[file.room] += file.n_lines
    return {room: (comments[room], lines[room]) for room in sorted(lines)}


def feelers(files: tuple[Source, ...]) -> Iterator[Finding]:
    """``getattr`` with a default and ``hasattr``, by room: attributes that may or may not be there."""
    for file in files:
        calls = [node for node in ast.walk(file.tree) if isinstance(node, ast.Call)]
        n = sum(
            name_of(call.func) == "hasattr"
            or (name_of(call.func) == "getattr" and len(call.args) == 3)
            for call in calls
            if isinstance(call.func, ast.Name)
        )
        if n:
            yield Finding(file.room, n)


def positional_constants(files: tuple[Source, ...]) -> Iterator[Finding]:
    """Constants of a model that are read by number, ``c[7]``, by room."""
    for file in files:
        if file.room in MODELS:
            n = sum(
                isinstance(node, ast.Subscript)
                and isinstance(node.value, ast.Name)
                and node.value.id == "c"
                and isinstance(node.slice, ast.Constant)
                for node in ast.walk(file.tree)
            )
            if n:
                yield Finding(file.room, n)


def old_constant_names(files: tuple[Source, ...]) -> Iterator[Finding]:
    """Constants called MOST_, LEAST_ or LONGEST_ where the field has MAX_ and MIN_."""
    for file in files:
        for name in sorted(set(re.findall(r"\b_?(?:MOST|LEAST|LONGEST)_\w+", file.text))):
            yield Finding(f"{file.room}:{name}")


def old_messages(files: tuple[Source, ...]) -> Iterator[Finding]:
    """Texts with ", limit ..." in place of "must be ..., got ...", by room."""
    for file in files:
        n = sum(
            len(re.findall(r", limit\b", node.value))
            for node in ast.walk(file.tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
        if n:
            yield Finding(file.room, n)
