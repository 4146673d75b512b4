"""Recordings, preset, liquid and settings that the options of ``distsnn lsm`` name."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distsnn.comm import Comm
    from distsnn.liquid.inputs.samples import Samples
    from distsnn.liquid.liquid import Liquid
    from distsnn.liquid.parameters import Preset
    from distsnn.simulation import Settings

DEFAULT_NEURONS = 1000


def chosen_samples(options: argparse.Namespace, min_per_class: int) -> Samples:
    """Return the recordings of DATA, at least ``min_per_class`` of each. Raises InputFileError."""
    from distsnn.liquid.inputs.samples import SHIPPED, find_samples

    folder = options.data or SHIPPED
    return find_samples(folder, min_per_class).limited(options.limit, min_per_class)


def settings_for(chip: str, per_core: int | None, fabric: str | None = None) -> Settings:
    """Return the settings of a run of a liquid."""
    from distsnn.simulation import Settings

    return Settings(chip=chip, neurons_per_core=per_core, fabric=fabric)


def progress_of(options: argparse.Namespace, comm: Comm) -> Any:
    """Return a printer of progress, None on ranks other than 0 and for --quiet."""
    from distsnn.running.display.progress import PartLines

    return PartLines() if comm.rank == 0 and not options.quiet else None


def chosen_preset(options: argparse.Namespace, kind: str) -> Preset:
    """Return the preset for a kind of recordings, with the given grid and settings."""
    from distsnn.liquid.geometry import grid_of
    from distsnn.liquid.presets import preset, with_settings

    chosen = preset(options.preset or kind)
    if options.grid:
        chosen = chosen.with_grid(options.grid)
    elif options.neurons or options.preset != "published":
        chosen = chosen.with_grid(grid_of(options.neurons or DEFAULT_NEURONS))
    return with_settings(chosen, dict(options.set))


def chosen_liquid(
    options: argparse.Namespace, preset: Preset, n_channels: int, image: Any
) -> Liquid:
    """Return the liquid with ``n_channels`` input channels."""
    from distsnn.liquid.liquid import Liquid

    per_core = chosen_per_core(options, options.chip or "loihi")
    liquid = Liquid(
        preset.column, preset.wiring, n_channels, image, options.seed, preset.dt_ms, per_core
    )
    liquid.network()  # raises for impossible wiring before any recording is played
    return liquid


def chosen_per_core(options: argparse.Namespace, chip: str) -> int:
    """Return the most neurons that share a core. Raises UsageError for more than the chip allows."""
    from distsnn.checks import whole
    from distsnn.chip import load_chip
    from distsnn.errors import UsageError

    limit = load_chip(chip).neurons_per_core
    return whole("neurons per core", options.neurons_per_core or limit, 1, limit, error=UsageError)


def require_fabric_and_replicas(fabric: str | None, replicas: int, comm: Comm) -> None:
    """Raise UsageError for an unknown fabric or an impossible number of replicas."""
    from distsnn.checks import choice
    from distsnn.comm import FABRICS
    from distsnn.liquid.respond import require_replicas

    if fabric is not None:
        choice("fabric", fabric, FABRICS)
    require_replicas(replicas, comm)
