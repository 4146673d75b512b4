"""Plays recordings into a liquid and reads its states: one liquid over all ranks, or a copy on each."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from distsnn.checks import must_be
from distsnn.comm import Comm, SerialComm
from distsnn.errors import UsageError
from distsnn.liquid.inputs.encoders import InputSpikes
from distsnn.liquid.inputs.encoding import Progress
from distsnn.liquid.liquid import INPUT, Liquid
from distsnn.liquid.parameters import Preset
from distsnn.liquid.saved.digests import digest_of_spikes
from distsnn.liquid.states import features, reading_times
from distsnn.network import Network
from distsnn.player import Player, Recording
from distsnn.simulation import Settings
from distsnn.traffic import MeshTraffic

MAX_AT_ONCE = 20_000_000  # neurons times recordings that are played before their states are read
MAX_BYTES_IN_MEMORY = 3 << 30


@dataclass(frozen=True)
class Responses:
    """Responses of a liquid to recordings, on rank 0. All numbers include moved copies.

    features: float32 [recordings, read-out times x neurons]. n_spikes: of the liquid's neurons.
    joules: energy on the chip, None if the chip's is not known. traffic_digest: of the mesh counters
    of one liquid, empty for replicas. spike_digests: uint64 [recordings], of each one's spikes.
    """

    features: np.ndarray
    n_spikes: int
    n_input_spikes: int
    n_packets: int
    n_steps: int
    n_neurons: int
    n_cores: int
    n_synapses: int
    play_s: float
    joules: float | None
    traffic_digest: str
    spike_digests: np.ndarray

    @property
    def digest(self) -> str:
        """Digest of the features; the same on any number of ranks and for copies."""
        text = hashlib.sha256()
        for row in self.features:
            text.update(np.ascontiguousarray(row).data)
        return text.hexdigest()[:32]


def respond(
    liquid: Liquid,
    preset: Preset,
    stimuli: Sequence[InputSpikes],
    settings: Settings,
    comm: Comm,
    replicas: int = 1,
    progress: Progress | None = None,
    name: str = "liquid",
) -> Responses | None:
    """Return the responses to all stimuli, on rank 0 (else None). Collective.

    replicas: 1 spreads one liquid over all ranks; the number of ranks gives each rank a copy of the
    liquid and a share of the recordings. The features are the same either way. Raises UsageError for
    any other number of replicas.
    """
    require_replicas(replicas, comm)
    if replicas == 1:
        return _play(liquid, preset, stimuli, settings, comm, progress, name)
    # Replicas: rank r plays the recordings r, r + n_ranks, ...
    share = stimuli[comm.rank :: comm.n_ranks]
    shown = progress if comm.rank == 0 else None
    own = _play(liquid, preset, share, settings, SerialComm(), shown, name)
    return _together(own, len(stimuli), comm)


def require_replicas(replicas: int, comm: Comm) -> None:
    """Raise UsageError unless there is one liquid, or one on each rank."""
    if replicas not in (1, comm.n_ranks):
        limit = (
            "1 on one rank" if comm.n_ranks == 1 else f"1 or {comm.n_ranks}, the number of ranks"
        )
        raise UsageError(
            must_be("replicas", limit, replicas, "Change it, or start another number of ranks.")
        )


def _play(
    liquid: Liquid,
    preset: Preset,
    stimuli: Sequence[InputSpikes],
    settings: Settings,
    comm: Comm,
    progress: Progress | None,
    name: str,
) -> Responses | None:
    tail, n = preset.tail_steps, liquid.n_neurons
    recordings = [Recording(s.step, s.channel, s.n_steps + tail) for s in stimuli]
    player = player_of(liquid.network(), recordings, settings, comm)
    table = feature_table(len(stimuli) if comm.rank == 0 else 0, preset.times.n * n)
    n_spikes, digests = 0, np.zeros(table.shape[0], dtype=np.uint64)
    # Recordings are played in chunks, which bounds the spikes held at the same time.
    chunk = max(1, min(200, MAX_AT_ONCE // n))
    for first in range(0, len(stimuli), chunk):
        shown = _after(progress, name, first, len(stimuli)) if progress else None
        for k, response in enumerate(player.play(recordings[first : first + chunk], shown), first):
            is_liquid = response.gid < n  # the input channels have the gids from n on
            step, gid = response.step[is_liquid], response.gid[is_liquid]
            n_spikes += step.size
            digests[k] = digest_of_spikes(step, gid, recordings[k].n_steps)
            read_at = reading_times(stimuli[k], recordings[k].n_steps, preset.times, preset.dt_ms)
            neuron = gid.astype(np.int64)
            table[k] = features(step, neuron, n, read_at, preset.times, preset.dt_ms)
    n_synapses, counters = player.n_synapses(), player.finish()
    if comm.rank != 0 or counters is None:
        return None
    return Responses(
        table, n_spikes, sum(s.step.size for s in stimuli), counters.packets, player.t, n,
        player.n_cores, n_synapses, player.seconds,
        MeshTraffic(player.chip, counters).energy_j["total"], counters.digest(), digests,
    )  # fmt: skip


def player_of(
    network: Network, recordings: Sequence[Recording], settings: Settings, comm: Comm
) -> Player:
    """Return a player with room for the steps and spikes per step of these recordings. Collective."""
    return Player(
        network, INPUT, n_steps=max(1, sum(r.n_steps for r in recordings)),
        most_input=max((r.most_in_a_step for r in recordings), default=0), settings=settings,
        comm=comm,
    )  # fmt: skip


def feature_table(n_recordings: int, n_features: int) -> np.ndarray:
    """Return an array for features, float32; a large one is mapped to a temporary file."""
    if 4 * n_recordings * n_features <= MAX_BYTES_IN_MEMORY:
        return np.empty((n_recordings, n_features), np.float32)
    with tempfile.TemporaryFile() as file:  # the mapping keeps the file open
        return np.memmap(file, np.float32, "w+", shape=(n_recordings, n_features))


def _after(progress: Progress, name: str, first: int, n: int) -> Callable[[int], None]:
    return lambda done: progress(name, first + done, n)


def _together(own: Responses | None, n: int, comm: Comm) -> Responses | None:
    """Return the copies' responses in the order of the recordings, on rank 0. Collective."""
    if own is None:
        raise UsageError("replicas: must be those of all ranks, got none here. Use one replica.")
    # Sums of whole numbers are exact; energy is a sum of floats, in the order of ranks.
    parts = comm.gather_arrays(own.features)
    all_digests = comm.gather_arrays(own.spike_digests)
    joules = np.array([own.joules if own.joules is not None else np.nan])
    numbers = np.array(
        [own.n_spikes, own.n_input_spikes, own.n_packets, own.n_steps], dtype=np.int64
    )
    total, energy = comm.reduce_sum(numbers), comm.reduce_sum(joules)
    seconds = comm.max(int(own.play_s * 1e6)) * 1e-6
    if comm.rank != 0:
        return None
    table = feature_table(n, own.features.shape[1])
    together = np.zeros(n, dtype=np.uint64)
    for rank, (part, digests) in enumerate(zip(parts, all_digests, strict=True)):
        # Rank r had the recordings r, r + n_ranks, ...
        table[rank :: comm.n_ranks] = part
        together[rank :: comm.n_ranks] = digests
    known = None if np.isnan(energy[0]) else float(energy[0])
    return replace(
        own, features=table, n_spikes=int(total[0]), n_input_spikes=int(total[1]),
        n_packets=int(total[2]), n_steps=int(total[3]), play_s=seconds, joules=known,
        traffic_digest="", spike_digests=together,
    )  # fmt: skip
