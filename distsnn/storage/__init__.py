"""Results on disk, the same for any number of ranks: HDF5 files of a run, folders of pieces."""

from distsnn.storage.columns import Column as Column  # for other rooms
from distsnn.storage.pieces import PieceFolder as PieceFolder
from distsnn.storage.reading import load_counters, load_spikes, load_traces
from distsnn.storage.run_files import fill_run_folder, write_run

__all__ = ["fill_run_folder", "load_counters", "load_spikes", "load_traces", "write_run"]
