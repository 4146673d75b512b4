"""Encodes all recordings of a data set, each rank a share of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from distsnn.comm import Comm
from distsnn.liquid.inputs.encoders import InputSpikes
from distsnn.liquid.inputs.stimulus import Encoder, EventEncoder, SoundEncoder, with_moved
from distsnn.liquid.limits import require_memory
from distsnn.liquid.parameters import Preset

Progress = Callable[[str, int, int], None]  # part of the work, units done, all units


def encode_all(
    encoder: Encoder, paths: Sequence[Path], comm: Comm, progress: Progress | None = None
) -> list[InputSpikes]:
    """Return the spikes of all recordings, on every rank; each rank encodes a share. Collective."""
    return _encode([(encoder, path) for path in paths], comm, progress)


def encode_with_copies(
    encoder: SoundEncoder | EventEncoder,
    preset: Preset,
    paths: Sequence[Path],
    comm: Comm,
    progress: Progress | None = None,
) -> list[InputSpikes]:
    """Return the spikes of all recordings, then those of their moved copies, copy after copy.

    Collective. Raises UsageError if this machine cannot hold the inner products of all of them.
    """
    encoders = with_moved(encoder, preset.moved_pixels)
    require_memory(len(encoders) * len(paths))
    return _encode([(moved, path) for moved in encoders for path in paths], comm, progress)


def _encode(
    work: Sequence[tuple[Encoder, Path]], comm: Comm, progress: Progress | None
) -> list[InputSpikes]:
    """Return the spikes of each (encoder, path), on every rank. Rank r encodes r, r + n_ranks, ..."""
    own: list[InputSpikes] = []
    error: Exception | None = None
    try:
        for k, (encoder, path) in enumerate(work[comm.rank :: comm.n_ranks]):
            own.append(encoder.encode(path))
            if progress is not None and comm.rank == 0:
                progress("encode", min(len(work), (k + 1) * comm.n_ranks), len(work))
    except Exception as caught:
        error = caught
    comm.agree(error)
    return own if comm.n_ranks == 1 else _from_all_ranks(own, len(work), comm)


def _from_all_ranks(own: list[InputSpikes], n: int, comm: Comm) -> list[InputSpikes]:
    """Return the ``n`` stimuli of all ranks in order. Collective."""
    # Three flat arrays per rank: sizes of each stimulus, then all steps, all channels.
    lengths = np.array([[s.n_steps, s.step.size] for s in own], dtype=np.int64).ravel()
    step = np.concatenate([np.empty(0, np.int32), *[s.step.astype(np.int32) for s in own]])
    channel = np.concatenate([np.empty(0, np.int32), *[s.channel.astype(np.int32) for s in own]])
    of_ranks = [comm.alltoallv([array] * comm.n_ranks) for array in (lengths, step, channel)]
    stimuli: dict[int, InputSpikes] = {}
    for rank, (sizes, steps, channels) in enumerate(zip(*of_ranks, strict=True)):
        stops = np.cumsum(sizes[1::2])
        for k, (n_steps, stop) in enumerate(zip(sizes[::2], stops, strict=True)):
            piece = slice(int(stop - sizes[2 * k + 1]), int(stop))
            # Stimulus k of rank r is number r + k n_ranks.
            stimuli[rank + k * comm.n_ranks] = InputSpikes(
                steps[piece].astype(np.int64), channels[piece].astype(np.int64), int(n_steps)
            )
    return [stimuli[k] for k in range(n)]
