"""Plays recordings to the network of a NIR graph on a chip."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from distsnn.checks import instance
from distsnn.comm import Comm, collective, start
from distsnn.core.utilization import CoreUtilization
from distsnn.nir.checks import require_recordings, require_running
from distsnn.nir.ideal import Outputs, joined
from distsnn.nir.loading import NirNetwork
from distsnn.player import Player, Recording, Response
from distsnn.simulation import Settings
from distsnn.traffic import MeshTraffic

AT_ONCE = 32  # recordings whose spikes are held at the same time


@dataclass(frozen=True, eq=False)
class Played:
    """What a chip did with recordings; on ranks other than 0 all but ``is_root`` is None.

    outputs: as of the ideal result, with steps counted as in frameworks. traffic: of all recordings
    together. usage: of the limits of the cores. digest: hash of all spikes. seconds: of the machine.
    """

    is_root: bool
    outputs: Outputs | None = None
    traffic: MeshTraffic | None = None
    usage: CoreUtilization | None = None
    digest: str = ""
    seconds: float = 0.0


@collective("nir.run()")
def run(
    loaded: NirNetwork,
    recordings: Sequence[Recording],
    *,
    settings: Settings | None = None,
    comm: Comm | None = None,
    progress: Callable[[int], None] | None = None,
) -> Played:
    """Play recordings, each from the initial state; return what the output layer did. Collective.

    progress(n) is called on rank 0 after about every 32 recordings. Raises UsageError for recordings
    that do not fit the input, CapacityError if the network does not fit the chip.
    """
    instance("nir.run: loaded", loaded, NirNetwork)
    require_recordings("nir.run", recordings)
    require_running("nir.run", settings, comm, progress)
    comm, settings = comm or start(), settings or Settings()
    depth = loaded.program.output_layer.depth
    # The output layer runs behind the input.
    played = [_until(recording, depth) for recording in recordings]
    with Player(
        loaded.network, loaded.input, n_steps=sum(one.n_steps for one in played),
        most_input=max(one.most_in_a_step for one in played), settings=settings, comm=comm,
    ) as player:  # fmt: skip
        outputs, digest = _play_all(loaded, player, played, progress)
        # What closing the player would forget.
        usage, chip, seconds = player.usage, player.chip, player.seconds
        counters = player.finish()
    if outputs is None or counters is None:
        return Played(False)
    return Played(True, outputs, MeshTraffic(chip, counters), usage, digest, seconds)


def _play_all(
    loaded: NirNetwork,
    player: Player,
    recordings: Sequence[Recording],
    progress: Callable[[int], None] | None,
) -> tuple[Outputs | None, str]:
    """Return the outputs, None on ranks other than 0, and the digest of all spikes. Collective."""
    chunks, digest = [], hashlib.blake2b(digest_size=16)
    depth, is_root = loaded.program.output_layer.depth, player.comm.rank == 0
    for first in range(0, len(recordings), AT_ONCE):
        own = recordings[first : first + AT_ONCE]
        responses = player.play(own)
        # Only rank 0 gets responses; the digest is over all spikes, those of the input included.
        for response in responses:
            digest.update(response.step.tobytes() + response.gid.tobytes())
        if is_root:
            chunks.append(_outputs(loaded, responses, [one.n_steps - depth for one in own]))
        if is_root and progress is not None:
            progress(first + len(own))
    return (joined(chunks), digest.hexdigest()) if is_root else (None, "")


def _until(recording: Recording, depth: int) -> Recording:
    """Return a recording that lasts until the output layer has seen all of it."""
    is_in = recording.step < recording.n_steps
    return Recording(recording.step[is_in], recording.line[is_in], recording.n_steps + depth)


def _outputs(loaded: NirNetwork, responses: Sequence[Response], lengths: Sequence[int]) -> Outputs:
    """Return the outputs, with the steps of each layer counted from its depth on."""
    program, network = loaded.program, loaded.network
    output = program.output_layer
    starts = {
        layer.name: network.find(loaded.names[layer.name]).gid_start for layer in program.layers
    }
    spikes = {name: np.zeros(len(responses), np.int64) for name in starts}
    counts, trains, potentials = [], [], []
    for number, (response, n_steps) in enumerate(zip(responses, lengths, strict=True)):
        for layer in program.layers:
            # Steps of the chip -> steps of the framework, in which the recording lasts n_steps.
            step = response.step - layer.depth
            neuron = response.gid.astype(np.int64) - starts[layer.name]
            is_own = (neuron >= 0) & (neuron < layer.size) & (step >= 0) & (step < n_steps)
            spikes[layer.name][number] = is_own.sum()
            if layer is output:
                trains.append((step[is_own], neuron[is_own]))
                counts.append(np.bincount(neuron[is_own], minlength=layer.size))
        if program.is_silent:
            _, v = response.traces[loaded.output, "v"]
            potentials.append(_mean_potential(v, output.size, output.depth, n_steps))
    return Outputs(np.array(counts), np.array(potentials) if potentials else None, spikes, trains)


def _mean_potential(v: np.ndarray, n: int, depth: int, n_steps: int) -> np.ndarray:
    """Return the mean of each neuron's v over the steps of a recording."""
    # Samples by step and neuron; the first ``depth`` are before the layer begins.
    table = np.asarray(v, dtype=np.float64)
    table = table if table.shape[-1] == n else table.T
    return np.asarray(table[depth : depth + n_steps].mean(axis=0))
