"""PyNN is there, and knows this backend as ``pyNN.distsnn``."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from distsnn.comm.launch.environment import find_launcher
from distsnn.errors import UsageError

NAME = "pyNN.distsnn"


def require_pynn() -> None:
    """Raise UsageError in one line without PyNN; make this backend known under PyNN's name."""
    # A folder called pyNN in the path is no PyNN: it has ``pyNN.common``.
    if find_spec("pyNN") is None or find_spec("pyNN.common") is None:
        raise UsageError(
            "distsnn.pynn: must have the package pyNN, which is not installed. "
            "Run `pip install distsnn[pynn]`."
        )
    # So it is found where distsnn is not installed beside PyNN, as in an editable installation.
    sys.modules.setdefault(NAME, sys.modules["distsnn.pynn"])
    # PyNN's generators ask MPI, whose start takes longer than many a script, also for one rank.
    from pyNN import random

    random.get_mpi_config = ranks_of_launcher


def ranks_of_launcher() -> tuple[int, int]:
    """Return the number of this rank and that of all ranks, without MPI."""
    launcher = find_launcher()
    return launcher.rank, launcher.n_ranks


require_pynn()
