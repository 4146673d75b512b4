"""How something is called."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import distsnn


@dataclass
class Call:
    """valid: makes the arguments of a call that works. behave: uses what it returned."""

    called: Callable[..., Any]
    valid: Callable[[], dict[str, Any]] = dict
    words: dict[str, str] = field(default_factory=dict)
    behave: Callable[[Any], Any] = lambda returned: None
    unlike: tuple[str, ...] = ()  # values that are right for a user's own function


def bound(name: str, owner: Callable[[], Any]) -> Callable[..., Any]:
    """Return a function that calls the method of a new owner each time, with its signature."""
    first = getattr(owner(), name)

    def call(**arguments: Any) -> Any:
        return getattr(owner(), name)(**arguments)

    call.__signature__ = inspect.signature(first)  # type: ignore[attr-defined]
    return call


def keeping(call: Callable[..., Any], method: Any, *own: str) -> Callable[..., Any]:
    """Give a call the signature of a method; ``own`` parameters are filled in by the call."""
    found = inspect.signature(method)
    kept = [one for name, one in found.parameters.items() if name != "self"]
    call.__signature__ = found.replace(parameters=kept)  # type: ignore[attr-defined]
    return call


def with_options(call: Callable[..., Any], like: Callable[..., Any]) -> Callable[..., Any]:
    """Give a call the signature of another one, with the options of runs as parameters."""
    found = inspect.signature(like)
    options = [
        inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY)
        for one in dataclasses.fields(distsnn.Settings)
    ]
    kept = [one for one in found.parameters.values() if one.name != "options"]
    call.__signature__ = found.replace(parameters=[*kept, *options])  # type: ignore[attr-defined]
    return call
