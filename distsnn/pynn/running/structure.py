"""What a running network was built for."""

from __future__ import annotations

from distsnn.pynn.simulator import State


def noise_seed(state: State, n_before: int = 0) -> int:
    """Return the seed of the noise of a segment, and of a network after n_before others in it."""
    # Segments differ in their noise; the factors keep them apart from neighbouring seeds.
    return (state.seed + 1_000_003 * state.segment_counter + 7_368_787 * n_before) % 2**64


def structure_of(state: State) -> tuple[object, ...]:
    """Return what a network is built for, to be compared."""
    recorded = tuple(
        (name, cells.tobytes())
        for p in state.populations
        for name, cells in sorted(p.recorder.wanted().items())
        if name != "spikes"  # those of all cells are known
    )
    changed = tuple((p.index, *sorted(p.changed - {"weight"})) for p in state.projections)
    injected = tuple(
        (k, index, tuple(cells)) for source in state.current_sources
        for k, (index, cells) in enumerate(sorted(source.targets.items()))
    )  # fmt: skip
    return len(state.populations), changed, recorded, injected
