"""Options and marks of the whole test suite; docs/testing.md describes the lanes."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from distsnn.comm.launch.environment import find_launcher

TESTS = Path(__file__).parent
# Files and folders that take longer than the rest and that the fast lane leaves out.
LONG = (
    "cli/test_every_option.py",
    "core/delivery/test_computed_synapses.py",
    "equations",
    "everything",
    "examples",
    "gallery",
    "input_files/test_mutations.py",
    "liquid/test_command.py",
    "liquid/test_measures.py",
    "networks/test_recurrent_networks.py",
    "neurons/test_exponential.py",
    "neurons/test_own_model.py",
    "neurons/test_per_neuron.py",
    "outputs/test_full_disk.py",
    "pynn/test_bits_of_scripts.py",
    "pynn/test_growing.py",
    "plasticity/test_products.py",
    "plasticity/test_song_abbott.py",
    "plasticity/test_triplet_frequency.py",
    "plasticity/test_two_choices.py",
    "plasticity/test_vogels_network.py",
    "running",
    "stimuli/test_moving_currents.py",
    "stimuli/test_parts.py",
    "test_homeostasis.py",
    "test_pieces.py",
    "test_simulation.py",
    "test_playing.py",
)
STARTERS = {subprocess, multiprocessing, os.fork}

sys.path.insert(0, str(TESTS))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--runslow", action="store_true", help="run tests that take minutes")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """A signal does not reach Python on a rank that waits inside MPI; a thread ends the rank."""
    if find_launcher().n_ranks > 1 and not config.option.timeout_method:
        config.option.timeout_method = "thread"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    skip = pytest.mark.skip(reason="takes minutes: run with --runslow")
    starts: dict[Any, bool] = {}
    long = [TESTS / name for name in LONG]
    for item in items:
        if any(item.path.is_relative_to(path) for path in long):
            item.add_marker("long")
        if any(_starts_processes(function, starts) for function in _functions_of(item)):
            item.add_marker("jobs")
        if "slow" in item.keywords and not config.getoption("--runslow"):
            item.add_marker(skip)


def _functions_of(item: pytest.Item) -> Iterator[Any]:
    """Yield the functions that a test runs: its own and those of its fixtures."""
    yield getattr(item, "function", None)
    for definitions in item._fixtureinfo.name2fixturedefs.values():
        yield from (definition.func for definition in definitions)


def _starts_processes(thing: Any, known: dict[Any, bool]) -> bool:
    """Return whether a function of the tests names, itself or by others, what starts a process."""
    if isinstance(thing, ModuleType) or thing is os.fork:
        return thing in STARTERS
    if not isinstance(thing, FunctionType) or not _is_of_tests(thing):
        return False
    if thing not in known:
        known[thing] = False  # also ends a recursion
        names = _names(thing.__code__)
        named = [value for name, value in thing.__globals__.items() if name in names]
        if "os" in names and "fork" in names:
            named.append(os.fork)
        known[thing] = any(_starts_processes(value, known) for value in named)
    return known[thing]


def _names(code: CodeType) -> set[str]:
    """Return the global names and attributes in a function and the functions inside it."""
    inside = (part for part in code.co_consts if isinstance(part, CodeType))
    return set(code.co_names).union(*map(_names, inside))


def _is_of_tests(function: FunctionType) -> bool:
    return Path(function.__code__.co_filename).is_relative_to(TESTS)
