"""The only room with MPI: start-up, fabrics, and how a job ends.

``start()`` returns the communicator of a run, ``open_fabric`` a fabric for its packets; ``run_program``
runs a command line so that an error on any rank ends all ranks with one message. Names are loaded when
first used, so that ``distsnn.comm.launch.environment`` can be called before numpy is imported.
"""

from typing import TYPE_CHECKING

from distsnn.faces import lazy_face

if TYPE_CHECKING:
    from distsnn.comm.fabrics.fabric import Fabric as Fabric
    from distsnn.comm.fabrics.grid import rank_grid as rank_grid
    from distsnn.comm.fabrics.opening import FABRICS as FABRICS
    from distsnn.comm.fabrics.opening import fitting_batch as fitting_batch
    from distsnn.comm.fabrics.opening import open_fabric as open_fabric
    from distsnn.comm.fabrics.outbox import Outbox as Outbox
    from distsnn.comm.groups import group_of as group_of
    from distsnn.comm.groups import split as split
    from distsnn.comm.interface import Comm as Comm
    from distsnn.comm.launch.startup import run_program as run_program
    from distsnn.comm.launch.startup import start as start
    from distsnn.comm.serial import SerialComm as SerialComm
    from distsnn.comm.together import collective as collective

__getattr__, __dir__, __all__ = lazy_face(
    __name__,
    {
        ".fabrics.fabric": ("Fabric",),
        ".fabrics.opening": ("FABRICS", "fitting_batch", "open_fabric"),
        ".fabrics.grid": ("rank_grid",),
        ".fabrics.outbox": ("Outbox",),
        ".groups": ("group_of", "split"),
        ".interface": ("Comm",),
        ".launch.startup": ("run_program", "start"),
        ".serial": ("SerialComm",),
        ".together": ("collective",),
    },
)
