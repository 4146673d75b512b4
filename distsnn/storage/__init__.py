"""Results on disk: HDF5 files with the same content for any number of ranks."""

from distsnn.storage.reading import load_counters, load_spikes, load_traces
from distsnn.storage.run_files import fill_run_folder, write_run

__all__ = ["fill_run_folder", "load_counters", "load_spikes", "load_traces", "write_run"]
