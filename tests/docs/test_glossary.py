"""The glossary defines each public noun once: the nouns are derived from the public names."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import distsnn
from distsnn.running.counters import MeshCounters
from distsnn.running.result import Result

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
ROW = re.compile(r"^\| (?!word|---)([^|]+) \|", re.MULTILINE)

# Words of ordinary English or mathematics, and names of models, which a glossary need not define.
PLAIN = {
    "ad",
    "adaptive",
    "all",
    "alpha",
    "build",
    "busiest",
    "byte",
    "compile",
    "cond",
    "constant",
    "cuba",
    "delta",
    "dependent",
    "distance",
    "ex",
    "exp",
    "explicit",
    "file",
    "fire",
    "fixed",
    "floor",
    "gamma",
    "height",
    "input",
    "is",
    "integrate",
    "izhikevich",
    "learning",
    "lif",
    "line",
    "list",
    "log",
    "loihi",
    "memory",
    "most",
    "normal",
    "number",
    "one",
    "per",
    "poisson",
    "probability",
    "read",
    "received",
    "root",
    "second",
    "sent",
    "shared",
    "simulate",
    "simulated",
    "start",
    "table",
    "to",
    "total",
    "uniform",
    "update",
    "usage",
    "version",
    "width",
}


def singular(word: str) -> str:
    """Return a word in lower case without the s of its plural."""
    word = word.lower()
    is_plural = len(word) > 3 and word.endswith("s") and not word.endswith("ss")
    return word[:-1] if is_plural else word


def terms() -> list[str]:
    """Return the terms of the glossary, in its order."""
    return [term.strip() for row in ROW.findall(GLOSSARY.read_text()) for term in row.split(",")]


def public_words() -> set[str]:
    """Return the words of the top-level names and of the fields of a result and its counters."""
    fields = [field.name for of in (Result, MeshCounters) for field in dataclasses.fields(of)]
    return {
        singular(word)
        for name in [*distsnn.__all__, *fields]
        for word in WORD.findall(name)
        if len(word) > 1
    }


def defined_words() -> set[str]:
    """Return every word of every term."""
    return {singular(word) for term in terms() for word in WORD.findall(term)}


def test_every_term_is_defined_once() -> None:
    assert len(terms()) == len(set(terms()))


def test_every_public_noun_is_defined() -> None:
    assert sorted(public_words() - defined_words() - PLAIN) == []


def test_plain_words_are_public_and_not_defined() -> None:
    assert sorted(PLAIN - public_words()) == []
    assert sorted(PLAIN & defined_words()) == []
