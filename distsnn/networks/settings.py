"""Settings of a network by name, fitted to the signature of its ``build`` function."""

from __future__ import annotations

import difflib
import inspect
import math
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from distsnn.checks import must_be
from distsnn.errors import UsageError

SIMPLE = (bool, int, float, str)
WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def fitted(name: str, build: Callable[..., Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings with values of the kinds that ``build`` declares.

    A value that is text is read as what the parameter's annotation, or else its default, says.
    Raises UsageError for an unknown name, a value of another kind, NaN, and a parameter that has
    neither a setting nor a default.
    """
    parameters = inspect.signature(build).parameters
    takes_any = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values())
    named = {
        key: one
        for key, one in parameters.items()
        if one.kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    }
    hints = _hints(build)
    fit = {}
    for key, value in settings.items():
        if key in named:
            kinds = _kinds(hints.get(key), named[key].default)
            fit[key] = _fit(f"network {name}: {key}", value, kinds)
        elif takes_any:
            fit[key] = _fit(f"network {name}: {key}", value, ())
        else:
            raise UsageError(_unknown(name, key, list(named)))
    missing = [k for k, one in named.items() if one.default is one.empty and k not in fit]
    if missing:
        limit, remedy = "given, as it has no default", f"Give --set {missing[0]}=VALUE."
        raise UsageError(
            f"network {name}: {', '.join(missing)}: must be {limit}, got none. {remedy}"
        )
    return fit


def completed(build: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments and the defaults of the others; what is no plain value as its text."""
    parameters = inspect.signature(build).parameters.values()
    defaults = {one.name: one.default for one in parameters if one.default is not one.empty}
    return {
        key: value if value is None or isinstance(value, SIMPLE) else repr(value)
        for key, value in {**defaults, **arguments}.items()
    }


def _unknown(name: str, key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, 1)
    hint = f"Did you mean {near[0]}?" if near else "Check the name."
    return must_be(f"network {name}: setting", f"one of {', '.join(known) or 'none'}", key, hint)


def _hints(build: Callable[..., Any]) -> dict[str, Any]:
    """Return the annotations, none where they cannot be evaluated."""
    try:
        return typing.get_type_hints(build)
    except Exception:
        return {}


def _kinds(hint: Any, default: Any) -> tuple[type, ...]:
    """Return the simple types that a parameter takes; empty if it says none, or others as well."""
    if hint is None:
        return (type(default),) if type(default) in SIMPLE else ()
    is_union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    parts = typing.get_args(hint) if is_union else (hint,)
    known = tuple(kind for kind in SIMPLE if kind in parts)
    return known if set(parts) <= {*known, type(None)} else ()


def _fit(thing: str, value: Any, kinds: tuple[type, ...]) -> Any:
    """Return the value as the first of ``kinds`` that it fits (empty: as it looks)."""
    for kind in kinds or SIMPLE:
        found = _as_kind(value, kind)
        if found is not None:
            if found != found:
                raise UsageError(must_be(thing, "a number", value, "Give a number."))
            return found
    if not kinds:
        return value
    limit = " or ".join(WORDS[kind] for kind in kinds)
    raise UsageError(must_be(thing, limit, value, "Change it."))


def _as_kind(value: Any, kind: type) -> Any:
    """Return the value as a bool, int, float or text; None if it is nothing like it."""
    if isinstance(value, str):
        return _read(value, kind)
    if isinstance(value, bool) or kind in (bool, str):
        return value if type(value) is kind else None
    if not isinstance(value, int | float):
        return None
    if kind is float:
        try:
            return float(value)
        except OverflowError:  # a whole number of hundreds of digits
            return math.inf if value > 0 else -math.inf
    is_whole = isinstance(value, int) or (math.isfinite(value) and value == int(value))
    return int(value) if is_whole else None


def _read(text: str, kind: type) -> Any:
    if kind is str:
        return text
    if kind is bool:
        return TRUTH.get(text.lower())
    for number_kind in (int, float):
        try:
            return _as_kind(number_kind(text), kind)
        except ValueError:
            continue
    return None
