"""Values that are wrong for most parameters, and what is called with them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from distsnn.errors import DistsnnError


class Stranger:
    """A user's own object; it prints itself on two lines."""

    def __repr__(self) -> str:
        return "a stranger\nfrom elsewhere"


def nothing(*_: Any) -> None:
    """A function where none is expected."""


VALUES: dict[str, Any] = {
    "None": None, "True": True, "False": False, "0": 0, "-1": -1, "1": 1, "3": 3,
    "0.5": 0.5, "-0.5": -0.5, "nan": math.nan, "inf": math.inf, "-inf": -math.inf,
    "1e308": 1e308, "-1e308": -1e308, "1e39": 1e39, "1e38": 1e38, "1e-300": 1e-300,
    "5e-324": 5e-324, "1e-38": 1e-38, "1e9": 1e9, "10**400": 10**400, "-10**400": -(10**400),
    "2**31": 2**31, "2**63": 2**63, "2**64": 2**64, "word": "word", "empty text": "",
    "two lines": "two\nlines", "bytes": b"bytes", "complex": 1j, "numpy nan": np.float64("nan"),
    "numpy bool": np.True_, "numpy int": np.int64(-5), "empty list": [], "list": [1.0, 2.0],
    "pair": (1, 2), "ragged": [[1], [2, 3]], "texts": ["a", "b"], "dict": {"a": 1},
    "set": {1, 2}, "empty array": np.empty(0), "matrix": np.ones((2, 2)),
    "array of nan": np.full(3, np.nan), "array of text": np.array(["a"]),
    "array 0-d": np.array(1.0), "array of objects": np.array([None, 10**400], dtype=object),
    "cube": np.zeros((2, 2, 2)), "negative": np.array([-1, -2]), "huge": np.array([2**63 - 1]),
    "object": Stranger(), "function": nothing, "class": int, "long list": [0] * 100_000,
}  # fmt: skip

MAX_LINE = 1000  # characters of a message


def parameters_of(called: Callable[..., Any]) -> list[str]:
    """Return the names of what a call takes, by name."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    found = inspect.signature(called).parameters.values()
    return [one.name for one in found if one.kind in kinds]


def faults_of(
    called: Callable[..., Any],
    valid: dict[str, Any],
    words: dict[str, str],
    behave: Callable[[Any], Any],
    unlike: tuple[str, ...] = (),
) -> list[str]:
    """Call with every wrong value in each place; return what is not in order.

    words: by parameter, what a message says instead of its name. behave: uses what is returned.
    unlike: cases that are left out.
    """
    faults = []
    for name in parameters_of(called):
        for title, value in VALUES.items():
            if f"{name} = {title}" in unlike:
                continue
            try:
                returned = called(**{**valid, name: value})
            except DistsnnError as error:
                faults += _unclear(f"{name} = {title}", str(error), words.get(name, name))
                continue
            except Exception as error:
                faults.append(f"{name} = {title}: {type(error).__name__}: {error}"[:300])
                continue
            try:
                behave(returned)
            except DistsnnError as error:
                faults += _unclear(f"{name} = {title}, in use", str(error), "")
            except Exception as error:
                text = f"{name} = {title}, in use: {type(error).__name__}: {error}"
                faults.append(text[:300])
    return faults


def _unclear(case: str, message: str, word: str) -> list[str]:
    """Return what is wrong with a message: empty, lines, length, or nothing names the parameter."""
    if "\n" in message or not message or len(message) > MAX_LINE:
        return [f"{case}: message is not one line: {message[:200]!r}"]
    if word not in message:
        return [f"{case}: message does not name {word}: {message[:200]}"]
    return []
