"""Types of arguments, which refuse impossible values while parsing."""

from __future__ import annotations

import argparse
from pathlib import Path

MAX_COUNT = 2**31 - 1  # nothing that is counted on a command line is stored in more than 32 bits
MAX_SEED = 2**64 - 1
# The range of float32 without its denormal numbers, the type in which models store parameters.
MIN_POSITIVE, MAX_NUMBER = 2.0**-126, (2.0 - 2.0**-23) * 2.0**127
MAX_SHOWN = 60  # characters of a value in a message


def positive(text: str) -> float:
    """Return a number above 0 that float32 holds."""
    value = _number(text)
    if value > 0.0 and not MIN_POSITIVE <= value <= MAX_NUMBER:
        raise refused(f"a number from {MIN_POSITIVE:.3g} to {MAX_NUMBER:.3g}", text)
    if not value > 0.0:
        raise refused("a number above 0", text)
    return value


def not_negative(text: str) -> float:
    """Return a number of at least 0 that float32 holds."""
    value = _number(text)
    if not value >= 0.0:
        raise refused("a number of at least 0", text)
    if value > MAX_NUMBER:
        raise refused(f"a number of at most {MAX_NUMBER:.3g}", text)
    return value


def finite(text: str) -> float:
    """Return a number that float32 holds."""
    value = _number(text)
    if not abs(value) <= MAX_NUMBER:
        raise refused(f"a number from {-MAX_NUMBER:.3g} to {MAX_NUMBER:.3g}", text)
    return value


def count(text: str) -> int:
    """Return a whole number from 1 to ``MAX_COUNT``."""
    return _whole(text, 1, MAX_COUNT)


def whole(text: str) -> int:
    """Return a whole number from 0 to ``MAX_COUNT``."""
    return _whole(text, 0, MAX_COUNT)


def seed(text: str) -> int:
    """Return a whole number from 0 to ``MAX_SEED``."""
    return _whole(text, 0, MAX_SEED)


def place(text: str) -> Path:
    """Return the path of a file or folder to write; an empty one is a variable that was not set."""
    if not text:
        raise refused("the name of a file or folder", text)
    return Path(text)


def refused(limit: str, text: str) -> argparse.ArgumentTypeError:
    """Return the error to raise for an argument; argparse puts its name before it."""
    shown = repr(text) if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]!r} ..."
    return argparse.ArgumentTypeError(f"must be {limit}, got {shown}")


def _whole(text: str, low: int, high: int) -> int:
    limit = f"a whole number from {low} to {high}"
    try:
        value = int(text)
    except ValueError:  # also more digits than Python converts
        raise refused(limit, text) from None
    if not low <= value <= high:
        raise refused(limit, text)
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise refused("a number", text) from None


def chip_array(text: str) -> tuple[int, int]:
    """Return columns and rows of an array of chips, given as 4x2."""
    x, _, y = text.partition("x")
    try:
        return count(x), count(y)
    except argparse.ArgumentTypeError:
        raise refused("COLUMNSxROWS, as 4x2", text) from None


def text_setting(text: str) -> tuple[str, str]:
    """Return name and value of ``name=value`` as text."""
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise refused("name=value", text)
    return name, value


def setting(text: str) -> tuple[str, object]:
    """Return name and value of ``name=value``; the value as int, float, bool or text."""
    name, value = text_setting(text)
    for kind in (int, float):
        try:
            return name, kind(value)
        except ValueError:
            continue
    return name, {"true": True, "false": False}.get(value.lower(), value)
