"""Settings of a network by name, converted to the types that its ``build`` function declares."""

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
# What a user may type for a bool.
TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def fitted(name: str, build: Callable[..., Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings, each converted to the type that ``build`` declares for it.

    A value given as text is parsed according to the parameter's annotation, or else to the type of
    its default. Raises UsageError for an unknown name, a value of another type, NaN, and a parameter
    that has neither a setting nor a default.
    """
    parameters = inspect.signature(build).parameters
    takes_any = any(
        parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()
    )
    named = {
        key: parameter
        for key, parameter in parameters.items()
        if parameter.kind
        in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    }
    # Without **kwargs in ``build``, an unknown name is an error.
    hints = _hints(build)
    values = {}
    for key, value in settings.items():
        if key in named:
            kinds = _kinds(hints.get(key), named[key].default)
            values[key] = _converted(f"network {name}: {key}", value, kinds)
        elif takes_any:
            values[key] = _converted(f"network {name}: {key}", value, ())
        else:
            raise UsageError(_unknown(name, key, list(named)))
    provided = {**_defaults(build), **values}
    missing = [key for key in named if key not in provided]
    if missing:
        limit, remedy = "given, as it has no default", f"Give --set {missing[0]}=VALUE."
        raise UsageError(
            f"network {name}: {', '.join(missing)}: must be {limit}, got none. {remedy}"
        )
    return values


def completed(build: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return all arguments of ``build``, given ones and defaults, for a report.

    Values other than None, bools, numbers and text are replaced by their ``repr``.
    """
    return {
        key: value if value is None or isinstance(value, SIMPLE) else repr(value)
        for key, value in {**_defaults(build), **arguments}.items()
    }


def _defaults(build: Callable[..., Any]) -> dict[str, Any]:
    """Return the defaults of the parameters that have one, by name."""
    parameters = inspect.signature(build).parameters
    return {
        name: parameter.default
        for name, parameter in parameters.items()
        if parameter.default is not parameter.empty
    }


def _unknown(name: str, key: str, known: list[str]) -> str:
    """Return the message for a setting that a network does not have."""
    matches = difflib.get_close_matches(key, known, 1)
    hint = f"Did you mean {matches[0]}?" if matches else "Check the name."
    return must_be(f"network {name}: setting", f"one of {', '.join(known) or 'none'}", key, hint)


def _hints(build: Callable[..., Any]) -> dict[str, Any]:
    """Return the annotations of ``build``, none if they cannot be evaluated."""
    try:
        return typing.get_type_hints(build)
    except Exception:
        return {}


def _kinds(hint: Any, default: Any) -> tuple[type, ...]:
    """Return the simple types that a parameter takes; empty if any value may be meant."""
    # int -> (int,); float | None -> (float,); list[int], or no annotation and no default -> ()
    if hint is None:
        return (type(default),) if type(default) in SIMPLE else ()
    is_union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    parts = typing.get_args(hint) if is_union else (hint,)
    known = tuple(kind for kind in SIMPLE if kind in parts)
    return known if set(parts) <= {*known, type(None)} else ()


def _converted(subject: str, value: Any, kinds: tuple[type, ...]) -> Any:
    """Return the value as the first of ``kinds`` that it can be converted to.

    Empty ``kinds``: all simple types are tried, and any other value is returned as it is.
    """
    for kind in kinds or SIMPLE:
        converted = _as_kind(value, kind)
        if converted is not None:
            if converted != converted:  # NaN
                raise UsageError(must_be(subject, "a number", value, "Give a number."))
            return converted
    if not kinds:
        return value
    limit = " or ".join(WORDS[kind] for kind in kinds)
    raise UsageError(must_be(subject, limit, value, "Change it."))


def _as_kind(value: Any, kind: type) -> Any:
    """Return the value as a bool, int, float or str; None if it cannot be converted."""
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
    # 3.0 is accepted as the integer 3.
    is_whole = isinstance(value, int) or (math.isfinite(value) and value == int(value))
    return int(value) if is_whole else None


def _read(text: str, kind: type) -> Any:
    """Return the value that a text stands for; None if it is none of this type."""
    if kind is str:
        return text
    if kind is bool:
        return TRUTH.get(text.lower())
    # "1e3" is no int by itself, but a float of an integer value.
    for number_kind in (int, float):
        try:
            return _as_kind(number_kind(text), kind)
        except ValueError:
            continue
    return None
