"""Builds a network by name: a ready one, or from a table of edges or a user's own Python file."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from distsnn.checks import must_be
from distsnn.errors import DistsnnError, InputFileError, UsageError
from distsnn.network import Network
from distsnn.networks.edge_file import ENDINGS, edge_file_build
from distsnn.networks.names import READY
from distsnn.networks.settings import completed, fitted
from distsnn.networks.user_file import guarded, load_build


def build_network(name: str, settings: Mapping[str, Any]) -> Network:
    """Return a ready network by name, or the one that ``build`` of a Python file returns.

    name: of a ready network, or path of a Python file. settings: arguments of ``build``, as values or
    as text. Raises UsageError for unknown names and settings, and InputFileError for a file that
    defines no network.
    """
    return build_described(name, settings)[0]


def build_described(name: str, settings: Mapping[str, Any]) -> tuple[Network, dict[str, Any]]:
    """Return the network and all arguments of its ``build``, with defaults, for a report."""
    build = find_build(name)
    arguments = fitted(name, build, settings)
    if name in READY or Path(name).suffix.lower() in ENDINGS:
        network = _build_ready(name, build, arguments)
    else:
        network = guarded(Path(name), lambda: build(**arguments))
    if not isinstance(network, Network):
        raise InputFileError(
            f"network file {name}: build() must return a Network, got {type(network).__name__}. "
            "Return the network."
        )
    if not network.populations:
        raise InputFileError(
            f"network {name}: must have at least one population, got none. Add one."
        )
    return network, completed(build, arguments)


def find_build(name: str) -> Callable[..., Any]:
    """Return the build function of a ready network, a table of edges, or a Python file."""
    if name in READY:
        return import_module(f"distsnn.networks.ready.{name}").build  # type: ignore[no-any-return]
    if Path(name).suffix.lower() in ENDINGS:
        return edge_file_build(Path(name))
    # What looks like a path is one, even if the file does not exist.
    if name.endswith(".py") or "/" in name or Path(name).is_file():
        return load_build(Path(name))
    matches = difflib.get_close_matches(name, READY, 1)
    hint = (
        f"Did you mean {matches[0]}?"
        if matches
        else "Choose one of these, or a file (.py, .csv, .parquet)."
    )
    raise UsageError(must_be("network", f"one of {', '.join(READY)}", name, hint))


def _build_ready(name: str, build: Callable[..., Any], arguments: Mapping[str, Any]) -> Network:
    """Return a ready network; arithmetic errors become UsageError."""
    try:
        return build(**arguments)  # type: ignore[no-any-return]
    except DistsnnError:
        raise
    # Settings within their limits may still give numbers that cannot be computed together.
    except (ArithmeticError, ValueError) as error:
        raise UsageError(f"network {name}: {error}. Check the settings.") from error
