"""Plays recordings to a liquid and reads its states. Over ranks: one liquid cut, or copies of it."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from distsnn.checks import must_be
from distsnn.comm import Comm
from distsnn.errors import UsageError
from distsnn.liquid.classify.readout import require_memory
from distsnn.liquid.inputs.encoders import LineSpikes
from distsnn.liquid.inputs.stimulus import Encoder, EventEncoder, SoundEncoder, with_moved
from distsnn.liquid.liquid import INPUT, Liquid
from distsnn.liquid.parameters import Preset, ReadoutTimes
from distsnn.liquid.saved.digests import digest_of_spikes
from distsnn.liquid.states import features, reading_times
from distsnn.network import Network
from distsnn.player import Heard, Player, Recording
from distsnn.simulation import Settings
from distsnn.traffic import MeshTraffic

MAX_AT_ONCE = 20_000_000  # neurons times recordings that are played before their states are read
MAX_BYTES_IN_MEMORY = 3 << 30
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Responses:
    """What a liquid made of recordings, on rank 0.

    features: float32 [recordings, read-out times x neurons], moved copies of recordings included, as
    in all the other numbers. n_spikes: of the liquid's neurons. joules: on the chip, None where it is
    not known. traffic_digest: of the mesh counters of one liquid, empty for replicas. spike_digests:
    uint64 [recordings], of each one's spikes.
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


def encode_all(
    encoder: Encoder, paths: Sequence[Path], comm: Comm, progress: Progress | None = None
) -> list[LineSpikes]:
    """Return the spikes of all recordings, on every rank; each rank encodes a share. Collective."""
    return _encode([(encoder, path) for path in paths], comm, progress)


def encode_with_copies(
    encoder: SoundEncoder | EventEncoder,
    preset: Preset,
    paths: Sequence[Path],
    comm: Comm,
    progress: Progress | None = None,
) -> list[LineSpikes]:
    """Return the spikes of all recordings, then those of their moved copies, copy after copy.

    Raises UsageError for more than a read-out can be trained on.
    """
    encoders = with_moved(encoder, preset.moved_pixels)
    require_memory(len(encoders) * len(paths))
    return _encode([(one, path) for one in encoders for path in paths], comm, progress)


def _encode(
    work: Sequence[tuple[Encoder, Path]], comm: Comm, progress: Progress | None
) -> list[LineSpikes]:
    own: list[LineSpikes] = []
    error: Exception | None = None
    try:
        for k, (encoder, path) in enumerate(work[comm.rank :: comm.n_ranks]):
            own.append(encoder.encode(path))
            if progress is not None and comm.rank == 0:
                progress("encode", min(len(work), (k + 1) * comm.n_ranks), len(work))
    except Exception as caught:
        error = caught
    comm.agree(error)
    if comm.n_ranks == 1:
        return own
    lengths = np.array([[s.n_steps, s.step.size] for s in own], dtype=np.int64).reshape(-1, 2)
    step = np.concatenate([np.empty(0, np.int32), *[s.step.astype(np.int32) for s in own]])
    line = np.concatenate([np.empty(0, np.int32), *[s.line.astype(np.int32) for s in own]])
    parts = [_from_everyone(comm, array) for array in (lengths.ravel(), step, line)]
    found: list[LineSpikes | None] = [None] * len(work)
    for rank in range(comm.n_ranks):
        sizes = parts[0][rank].reshape(-1, 2)
        ends = np.cumsum(sizes[:, 1])
        for k, (n_steps, n) in enumerate(sizes):
            piece = slice(int(ends[k] - n), int(ends[k]))
            steps, lines = parts[1][rank][piece], parts[2][rank][piece]
            found[rank + k * comm.n_ranks] = LineSpikes(
                steps.astype(np.int64), lines.astype(np.int64), int(n_steps)
            )
    return [spikes for spikes in found if spikes is not None]


def _from_everyone(comm: Comm, array: np.ndarray) -> list[np.ndarray]:
    return comm.alltoallv([array] * comm.n_ranks)


def respond(
    liquid: Liquid,
    preset: Preset,
    stimuli: Sequence[LineSpikes],
    settings: Settings,
    comm: Comm,
    replicas: int = 1,
    progress: Progress | None = None,
    name: str = "liquid",
) -> Responses | None:
    """Return the responses to all stimuli, on rank 0 (else None). Collective.

    replicas: 1 cuts one liquid over all ranks; the number of ranks gives each a whole copy and its
    share of the recordings. The features are the same either way.
    """
    require_replicas(replicas, comm)
    if replicas == 1:
        return _play(liquid, preset, stimuli, settings, comm, progress, name)
    from distsnn.comm.serial import SerialComm

    share = stimuli[comm.rank :: comm.n_ranks]
    shown = progress if comm.rank == 0 else None
    own = _play(liquid, preset, share, settings, SerialComm(), shown, name)
    return _together(own, len(stimuli), comm)


def require_replicas(replicas: int, comm: Comm) -> None:
    """Raise UsageError unless there is one liquid, or one for each rank."""
    if replicas not in (1, comm.n_ranks):
        limit = "1 on one rank" if comm.n_ranks == 1 else f"1 or {comm.n_ranks}, the number of ranks"
        raise UsageError(
            must_be("replicas", limit, replicas, "Change it, or start another number of ranks.")
        )


def _play(
    liquid: Liquid,
    preset: Preset,
    stimuli: Sequence[LineSpikes],
    settings: Settings,
    comm: Comm,
    progress: Progress | None,
    name: str,
) -> Responses | None:
    network = liquid.network()
    tail = preset.tail_steps
    recordings = [Recording(s.step, s.line, s.n_steps + tail) for s in stimuli]
    n = liquid.n_neurons
    player = player_of(network, recordings, settings, comm)
    table = feature_table(len(stimuli) if comm.rank == 0 else 0, preset.times.n * n)
    n_spikes, digests = 0, np.zeros(table.shape[0], dtype=np.uint64)
    chunk = max(1, min(200, MAX_AT_ONCE // n))
    for first in range(0, len(stimuli), chunk):
        shown = _after(progress, name, first, len(stimuli)) if progress else None
        heard = player.play(recordings[first : first + chunk], shown)
        for k, one in enumerate(heard, first):
            mine = one.gid < n
            n_spikes += int(np.count_nonzero(mine))
            digests[k] = digest_of_spikes(one.step[mine], one.gid[mine], recordings[k].n_steps)
            table[k] = _features(one, mine, n, stimuli[k], recordings[k], preset)
    n_synapses = comm.sum(player.rank.table.n_synapses + player.rank.plastic.n_synapses)
    n_cores = player.rank.plan.n_blocks
    counters = player.finish()
    if comm.rank != 0 or counters is None:
        return None
    return Responses(
        table, n_spikes, sum(s.step.size for s in stimuli), counters.packets, player.t, n, n_cores,
        n_synapses, player.seconds, MeshTraffic(player.chip, counters).energy_j["total"],
        counters.digest(), digests,
    )  # fmt: skip


def player_of(
    network: Network, recordings: Sequence[Recording], settings: Settings, comm: Comm
) -> Player:
    """Return a player with just the room that these recordings take. Collective."""
    return Player(
        network, INPUT, n_steps=max(1, sum(r.n_steps for r in recordings)),
        most_input=max((r.most_in_a_step for r in recordings), default=0), settings=settings,
        comm=comm,
    )  # fmt: skip


def _features(
    one: Heard,
    mine: np.ndarray,
    n: int,
    stimulus: LineSpikes,
    recording: Recording,
    preset: Preset,
) -> np.ndarray:
    ends = reading_times(stimulus, recording.n_steps, preset.times, preset.dt_ms)
    neuron = one.gid[mine].astype(np.int64)
    return features(one.step[mine], neuron, n, ends, preset.times, preset.dt_ms)


def feature_table(n_recordings: int, n_features: int) -> np.ndarray:
    """Return room for features, float32; what would fill the memory lies in a file without name."""
    if 4 * n_recordings * n_features <= MAX_BYTES_IN_MEMORY:
        return np.empty((n_recordings, n_features), np.float32)
    with tempfile.TemporaryFile() as file:  # the mapping keeps it until it is gone itself
        return np.memmap(file, np.float32, "w+", shape=(n_recordings, n_features))


def _after(progress: Progress, name: str, first: int, n: int) -> Callable[[int], None]:
    return lambda done: progress(name, first + done, n)


def _together(own: Responses | None, n: int, comm: Comm) -> Responses | None:
    """Return the copies' responses in the order of the recordings, on rank 0. Collective."""
    if own is None:
        raise UsageError("replicas: a copy gave nothing, limit one answer each. Use one replica.")
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
        table[rank :: comm.n_ranks] = part
        together[rank :: comm.n_ranks] = digests
    known = None if np.isnan(energy[0]) else float(energy[0])
    return replace(
        own, features=table, n_spikes=int(total[0]), n_input_spikes=int(total[1]),
        n_packets=int(total[2]), n_steps=int(total[3]), play_s=seconds, joules=known,
        traffic_digest="", spike_digests=together,
    )  # fmt: skip


def input_features(
    stimuli: Sequence[LineSpikes], n_lines: int, times: ReadoutTimes, preset: Preset
) -> np.ndarray:
    """Return the same features of the input lines themselves, without a liquid, float32."""
    tail = preset.tail_steps
    table = np.empty((len(stimuli), times.n * n_lines), np.float32)
    for k, stimulus in enumerate(stimuli):
        ends = reading_times(stimulus, stimulus.n_steps + tail, times, preset.dt_ms)
        table[k] = features(stimulus.step, stimulus.line, n_lines, ends, times, preset.dt_ms)
    return table
