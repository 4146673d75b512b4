"""Types of arguments: what is absurd is refused while parsing."""

from __future__ import annotations

import argparse
import math


def positive(text: str) -> float:
    """Return a finite number above 0."""
    value = _number(text)
    if not 0.0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"is {text}, limit a number above 0")
    return value


def not_negative(text: str) -> float:
    """Return a finite number of at least 0."""
    value = _number(text)
    if not 0.0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"is {text}, limit a number from 0 up")
    return value


def count(text: str) -> int:
    """Return a whole number of at least 1."""
    value = whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"is {text}, limit a whole number from 1 up")
    return value


def whole(text: str) -> int:
    """Return a whole number of at least 0."""
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"is {text!r}, limit a whole number") from None
    if value < 0:
        raise argparse.ArgumentTypeError(f"is {text}, limit a whole number from 0 up")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"is {text!r}, limit a number") from None


def text_setting(text: str) -> tuple[str, str]:
    """Return name and value of ``name=value`` as text."""
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"is {text!r}, limit name=value")
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
