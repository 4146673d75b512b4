"""Reads texts of equations and of statements.

equations   one a line: dNAME/dt = FORMULA or NAME = FORMULA, then optionally ``: UNIT`` and, for
            a differential equation, ``(unless refractory)``. # begins a comment; a line goes on
            where a bracket is open.
statements  NAME = FORMULA, also += -= *= /=, separated by ; or by lines
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass

from distsnn.equations.text.formulas import Formula, read_formula
from distsnn.equations.text.source import Source

NAME = r"[A-Za-z][A-Za-z0-9_]*"
EQUATION = re.compile(rf"\s*(?:d(?P<of>{NAME})\s*/\s*dt|(?P<name>{NAME}))\s*=(?!=)")
STATEMENT = re.compile(rf"\s*(?P<name>{NAME})\s*(?P<sign>[-+*/]?)=(?!=)")
HELD = re.compile(r"\(\s*unless\s+refractory\s*\)\s*$")
LIKE_EQUATION = "an equation such as dv/dt = -v/tau : mV"
LIKE_STATEMENT = "a statement such as v = v_reset"


@dataclass(frozen=True)
class Equation:
    """One line of equations.

    is_differential: dNAME/dt, else a named subexpression. unit: as written, "" without one. is_held:
    whether it is marked ``(unless refractory)``. start: index of its first
    character in the source's text.
    """

    name: str
    is_differential: bool
    formula: Formula
    unit: str
    is_held: bool
    start: int


@dataclass(frozen=True)
class Statement:
    """One assignment. sign: "" for ``=``, else the operator before it. start: index of the name."""

    name: str
    sign: str
    formula: Formula
    start: int


def read_equations(source: Source) -> list[Equation]:
    """Return the equations of a text in its order. Raises NetworkError that points there."""
    found: list[Equation] = []
    for start, stop in _pieces(source, "\n"):
        match = EQUATION.match(source.text, start, stop)
        if match is None:
            source.fail(_first(source, start), stop, LIKE_EQUATION)
        name = match["of"] or match["name"]
        at = match.start("of" if match["of"] else "name")
        require_name(source, name, at, [equation.name for equation in found])
        # From the right: the mark, the unit; what is left is the formula.
        end, is_held = _without_mark(source, match.end(), stop)
        end, unit = _without_unit(source, match.end(), end)
        if is_held and not match["of"]:
            remedy = "Take the mark away."
            source.fail(at, at + len(name), "unmarked", "(unless refractory)", remedy)
        formula = read_formula(source, match.end(), end)
        start = _first(source, start)
        found.append(Equation(name, bool(match["of"]), formula, unit, is_held, start))
    return found


def read_statements(source: Source) -> list[Statement]:
    """Return the statements of a text in its order. Raises NetworkError that points there."""
    found = []
    for start, stop in _pieces(source, ";\n"):
        match = STATEMENT.match(source.text, start, stop)
        if match is None:
            source.fail(_first(source, start), stop, LIKE_STATEMENT)
        formula = read_formula(source, match.end(), stop)
        found.append(Statement(match["name"], match["sign"], formula, match.start("name")))
    return found


def is_name(name: object) -> bool:
    """Return whether a value is a name that can be given to a quantity."""
    is_text = isinstance(name, str) and re.fullmatch(NAME, name) is not None
    return is_text and not keyword.iskeyword(str(name))


def require_name(source: Source, name: str, at: int, others: list[str]) -> None:
    """Raise NetworkError unless a name can be given here."""
    if keyword.iskeyword(name):
        source.fail(at, at + len(name), "a name that Python does not use", "one of its words")
    if name in others:
        source.fail(at, at + len(name), "defined once", "a second definition", "Remove one.")


def _pieces(source: Source, separators: str) -> list[tuple[int, int]]:
    """Return start and end of the parts between separators outside brackets, without comments."""
    pieces, start, at = [], 0, 0
    text = source.text
    opened: list[int] = []  # brackets that are open
    while at <= len(text):
        letter = text[at] if at < len(text) else "\n"
        if letter == "#":
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            if opened:
                limit, remedy = "a bracket that is closed before a comment", "Move the comment."
                source.fail(at, end, limit, "an open one", remedy)
            pieces.append((start, at))
            start = at = end
            continue
        if letter in "([":
            opened.append(at)
        elif letter in ")]":
            if not opened:
                source.fail(at, at + 1, "a bracket that was opened", remedy="Remove it.")
            opened.pop()
        # a separator inside brackets belongs to a formula
        if at == len(text) or (letter in separators and not opened):
            pieces.append((start, at))
            start = at + 1
        at += 1
    if opened:
        source.fail(opened[-1], opened[-1] + 1, "a bracket that is closed", remedy="Close it.")
    return [(start, stop) for start, stop in pieces if text[start:stop].strip()]


def _first(source: Source, start: int) -> int:
    """Return the index of the first character from ``start`` on that is no space."""
    return start + len(source.text[start:]) - len(source.text[start:].lstrip())


def _without_mark(source: Source, start: int, stop: int) -> tuple[int, bool]:
    match = HELD.search(source.text[start:stop])
    return (stop, False) if match is None else (start + match.start(), True)


def _without_unit(source: Source, start: int, stop: int) -> tuple[int, str]:
    colon = source.text.find(":", start, stop)
    if colon < 0:
        return stop, ""
    unit = source.text[colon + 1 : stop].strip()
    if not unit:
        source.fail(colon, stop, "a unit behind the colon", "none", "Write one, or no colon.")
    return colon, unit
