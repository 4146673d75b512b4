"""The glossary defines each public noun once.

The nouns are derived from the names of the package and its rooms, from the fields of a result and its
counters, from the keys of the JSON report, from the options of the commands, and from the emphasised
words of the pages.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import distsnn
from distsnn.cli.parser import make_parser
from distsnn.running.counters import MeshCounters
from distsnn.running.result import Result

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
REPORTS = ("report/document.py", "report/weights.py", "traffic/report.py")
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
ROW = re.compile(r"^\| (?!word|---)([^|]+) \|", re.MULTILINE)
EMPHASISED = re.compile(r"(?<![*\w])\*([a-z]+)\*(?![*\w])")

# Verbs of functions, switches and methods.
VERBS = (
    "build compare compile ensure evaluate fill find finish fire fitting integrate list make move "
    "open override plot read require save simulate split start walk write draw"
)
# Adjectives, participles, prepositions and other words without a meaning of their own here.
SMALL = (
    "adaptive all an at between by compiled default delivered dependent described "
    "drawn exceeded explicit fixed from fullest given interrupted is known labelled largest least "
    "longest lost mean most moved next no normal not one onto paced played per quick quiet random "
    "ready received recorded sampled sent shared simulated stochastic to total trained used uniform "
    "writing"
)
# Names of models, distributions, rules, formats and packages.
NAMES = (
    "ad alpha cond constant cuba delta ex exp exponential floor gamma gaussian hdf if izhikevich "
    "json lif log loihi markram npz oja pair poisson product reward stdp sum triplet tsodyk vogel "
    "python distsnn"
)
# Words of ordinary English, of mathematics and of computers, and abbreviated units.
ORDINARY = (
    "bit byte change data figure file folder fps height help hz ms module "
    "name note number output picture place probability progress restart sd second serial "
    "title version width"
)
PLAIN = set(" ".join((VERBS, SMALL, NAMES, ORDINARY)).split())


def singular(word: str) -> str:
    """Return a word in lower case without the ending of its plural."""
    word = word.lower()
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    is_plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us"))
    return word[:-1] if is_plural else word


def words_of(names: Iterator[str] | list[str]) -> set[str]:
    """Return the words that names consist of, in the singular."""
    return {singular(word) for name in names for word in WORD.findall(name) if len(word) > 1}


def terms() -> list[str]:
    """Return the terms of the glossary, in its order."""
    return [term.strip() for row in ROW.findall(GLOSSARY.read_text()) for term in row.split(",")]


def room_names() -> Iterator[str]:
    """Yield the public names of every room."""
    for room in pkgutil.iter_modules(distsnn.__path__):
        if room.ispkg and room.name != "pynn":  # PyNN has its own words, and may be missing
            module = importlib.import_module(f"distsnn.{room.name}")
            yield from getattr(module, "__all__", ())


def report_keys() -> Iterator[str]:
    """Yield the keys of the JSON reports: those written in a dict, or assigned to ``report``."""
    for name in REPORTS:
        for node in ast.walk(ast.parse((ROOT / "distsnn" / name).read_text())):
            keys: list[ast.expr | None] = []
            if isinstance(node, ast.Dict):
                keys = node.keys
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                keys = [node.slice]
            for key in keys:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value


def option_names(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the long options of a command and of its verbs."""
    for action in parser._actions:
        yield from (name for name in action.option_strings if name.startswith("--"))
        if isinstance(action, argparse._SubParsersAction):
            for verb in action.choices.values():
                yield from option_names(verb)


def emphasised_words() -> Iterator[str]:
    """Yield the words that a page introduces as terms."""
    for page in (ROOT / "docs").glob("*.md"):
        yield from EMPHASISED.findall(page.read_text())


def public_words() -> set[str]:
    """Return the words of all public names."""
    fields = [field.name for of in (Result, MeshCounters) for field in dataclasses.fields(of)]
    names = [*distsnn.__all__, *room_names(), *fields, *report_keys(), *emphasised_words()]
    _, parsers = make_parser()
    for parser in parsers.values():
        names += option_names(parser)
    return words_of(names)


def defined_words() -> set[str]:
    """Return every word of every term; a remark in parentheses is no part of it."""
    return words_of([term.partition("(")[0] for term in terms()])


def test_every_term_is_defined_once() -> None:
    assert [term for term, n in Counter(map(str.lower, terms())).items() if n > 1] == []


def test_meanings_of_one_word_are_told_apart() -> None:
    """A word with several rows has a remark in each."""
    several = Counter(term.partition(" (")[0] for term in terms())
    assert [term for term in terms() if "(" not in term and several[term] > 1] == []


def test_every_public_noun_is_defined() -> None:
    assert sorted(public_words() - defined_words() - PLAIN) == []


def test_plain_words_are_public_and_not_defined() -> None:
    assert sorted(PLAIN - public_words()) == []
    assert sorted(PLAIN & defined_words()) == []
