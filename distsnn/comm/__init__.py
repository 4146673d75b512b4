"""The only room with MPI: start-up, fabrics, and how a job ends.

``start()`` gives the communicator, ``open_fabric`` the way that packets take, ``run_program`` runs
a command line so that an error on any rank ends all of them with one message. Names are loaded
when first used, so that ``distsnn.comm.environment`` can be called before numpy is imported.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distsnn.comm.fabric import FABRICS, Fabric, fitting_batch, open_fabric
    from distsnn.comm.grid import rank_grid
    from distsnn.comm.interface import Comm
    from distsnn.comm.outbox import Outbox
    from distsnn.comm.startup import run_program, start
    from distsnn.comm.together import collective

__all__ = [
    "FABRICS",
    "Comm",
    "Fabric",
    "Outbox",
    "collective",
    "fitting_batch",
    "open_fabric",
    "rank_grid",
    "run_program",
    "start",
]

_PLACES = {
    "FABRICS": "fabric",
    "Comm": "interface",
    "Fabric": "fabric",
    "Outbox": "outbox",
    "collective": "together",
    "fitting_batch": "fabric",
    "open_fabric": "fabric",
    "rank_grid": "grid",
    "run_program": "startup",
    "start": "startup",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"distsnn.comm.{_PLACES[name]}"), name)
