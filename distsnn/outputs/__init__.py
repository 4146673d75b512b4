"""Everything that the product writes: whole or not at all, and never over what is not its own.

One file is written beside its place, flushed to the disk, and renamed (``files``). What a command
writes is tried before its work, written beside, and put in place together (``delivery``). A folder of
results belongs to one process at a time (``locks``) and to one kind of result (``kinds``).
"""

from distsnn.outputs.content import hdf5_bytes, json_bytes, npz_bytes, save_figure
from distsnn.outputs.delivery import Delivery, delivered
from distsnn.outputs.files import write_file, writing
from distsnn.outputs.folder import OutputFolder, finish_interrupted
from distsnn.outputs.kinds import LSM, MEASURES, PICTURES, RUN, SDNN, Kind
from distsnn.outputs.places import Inputs, require_file_place, require_not_an_input

__all__ = [
    "LSM",
    "MEASURES",
    "PICTURES",
    "RUN",
    "SDNN",
    "Delivery",
    "Inputs",
    "Kind",
    "OutputFolder",
    "delivered",
    "finish_interrupted",
    "hdf5_bytes",
    "json_bytes",
    "npz_bytes",
    "require_file_place",
    "require_not_an_input",
    "save_figure",
    "write_file",
    "writing",
]
