"""The only room with MPI: start-up, fabrics, and how a job ends.

``start()`` gives the communicator, ``open_fabric`` the way that packets take, ``run_program`` runs
a command line so that an error on any rank ends all of them with one message. Names are loaded
when first used, so that ``distsnn.comm.launch.environment`` can be called before numpy is imported.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distsnn.comm.fabrics.fabric import FABRICS, Fabric, fitting_batch, open_fabric
    from distsnn.comm.fabrics.grid import rank_grid
    from distsnn.comm.fabrics.outbox import Outbox
    from distsnn.comm.groups import group_of, split
    from distsnn.comm.interface import Comm
    from distsnn.comm.launch.startup import run_program, start
    from distsnn.comm.together import collective

__all__ = [
    "FABRICS",
    "Comm",
    "Fabric",
    "Outbox",
    "collective",
    "fitting_batch",
    "group_of",
    "open_fabric",
    "rank_grid",
    "run_program",
    "split",
    "start",
]

_PLACES = {
    "FABRICS": "fabrics.fabric",
    "Comm": "interface",
    "Fabric": "fabrics.fabric",
    "Outbox": "fabrics.outbox",
    "collective": "together",
    "fitting_batch": "fabrics.fabric",
    "group_of": "groups",
    "open_fabric": "fabrics.fabric",
    "rank_grid": "fabrics.grid",
    "run_program": "launch.startup",
    "split": "groups",
    "start": "launch.startup",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"distsnn.comm.{_PLACES[name]}"), name)
