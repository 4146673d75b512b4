"""Tests of the PyNN backend: left out in one line where PyNN is not installed."""

from __future__ import annotations

import importlib.util

import pytest

HAS_PYNN = importlib.util.find_spec("pyNN") is not None
collect_ignore_glob = [] if HAS_PYNN else ["test_*.py"]


@pytest.fixture
def sim():
    """The backend, set up anew with steps of 0.1 ms."""
    import distsnn.pynn as backend

    backend.setup(timestep=0.1, min_delay=0.1)
    yield backend
    backend.setup()
