"""Ready networks, and networks from a user's own Python file."""

from __future__ import annotations

import difflib
import inspect
import sys
import traceback
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from distsnn.errors import DistsnnError, InputFileError, UsageError
from distsnn.network import Network

READY = ("loihi", "microcircuit", "brunel")


def build_network(name: str, settings: Mapping[str, Any]) -> Network:
    """Return a ready network by name, or that of a Python file with a ``build`` function.

    settings: arguments of the network's build function. Raises UsageError for unknown names and
    settings, InputFileError for a file that gives no network.
    """
    if name in READY:
        return _call(name, import_module(f"distsnn.networks.{name}").build, settings)
    if name.endswith(".py") or Path(name).is_file():
        return _call(name, _build_of_file(Path(name)), settings)
    near = difflib.get_close_matches(name, READY, 1)
    hint = f"Did you mean {near[0]}?" if near else "Choose one of these, or a Python file."
    raise UsageError(f"network: {name!r} is unknown, limit {', '.join(READY)}. {hint}")


def _build_of_file(path: Path) -> Callable[..., Any]:
    if not path.is_file():
        raise InputFileError(f"network file {path}: does not exist. Check the path.")
    name = f"distsnn_network_{path.stem}"
    specification = spec_from_file_location(name, path)
    if specification is None or specification.loader is None:
        raise InputFileError(f"network file {path}: is no Python file. Name one that ends in .py.")
    module = module_from_spec(specification)
    sys.modules[name] = module
    try:
        specification.loader.exec_module(module)
    except DistsnnError:
        raise
    except (Exception, SystemExit) as error:
        raise InputFileError(_failure(path, error)) from error
    build = getattr(module, "build", None)
    if not callable(build):
        raise InputFileError(
            f"network file {path}: has no function build(). Define one that returns a Network."
        )
    return build  # type: ignore[no-any-return]


def _call(name: str, build: Callable[..., Any], settings: Mapping[str, Any]) -> Network:
    _check_settings(name, build, settings)
    try:
        network = build(**settings)
    except DistsnnError:
        raise
    except Exception as error:
        if name in READY:
            raise UsageError(f"network {name}: {error}. Check the settings.") from error
        raise InputFileError(_failure(Path(name), error)) from error
    if not isinstance(network, Network):
        raise InputFileError(
            f"network file {name}: build() returned {type(network).__name__}, limit a Network. "
            "Return the network."
        )
    if not network.populations:
        raise InputFileError(f"network {name}: has no populations, limit 1 and up. Add some.")
    return network


def _check_settings(name: str, build: Callable[..., Any], settings: Mapping[str, Any]) -> None:
    parameters = inspect.signature(build).parameters
    if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values()):
        return
    for key, value in settings.items():
        if key not in parameters:
            known = ", ".join(parameters) or "none"
            raise UsageError(
                f"network {name}: setting {key!r} is unknown, limit {known}. Check the name."
            )
        default = parameters[key].default
        number = isinstance(default, int | float) and not isinstance(default, bool)
        if number and (not isinstance(value, int | float) or isinstance(value, bool)):
            raise UsageError(f"network {name}: {key} is {value!r}, limit a number. Change it.")
        if isinstance(default, int) and number and value != int(value):
            raise UsageError(
                f"network {name}: {key} is {value!r}, limit a whole number. Change it."
            )


def _failure(path: Path, error: BaseException) -> str:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    where = f"line {frames[-1].lineno}" if frames else "unknown line"
    if isinstance(error, SyntaxError):
        where = f"line {error.lineno}"
    return f"network file {path}: {where} raised {type(error).__name__}: {error}. Correct the file."
