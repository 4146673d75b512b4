"""Lets the tests of this folder import the modules beside them, and gives them a communicator."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def comm():
    """The communicator of this test run: one rank without mpirun."""
    from distsnn.comm import start

    return start()
