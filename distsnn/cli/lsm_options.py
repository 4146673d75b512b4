"""What the options of ``distsnn lsm`` stand for: recordings, preset, liquid, settings."""

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


def chosen_samples(options: argparse.Namespace, least: int) -> Samples:
    """Return the recordings of DATA, at least ``least`` of each class; raises InputFileError."""
    from distsnn.liquid.inputs.samples import SHIPPED, find_samples

    folder = options.data or SHIPPED
    return find_samples(folder, least).limited(options.limit, least)


def settings_for(options: argparse.Namespace, chip: str, per_core: int | None) -> Settings:
    """Return how a liquid is put on a chip."""
    from distsnn.simulation import Settings

    return Settings(chip=chip, neurons_per_core=per_core, fabric=getattr(options, "fabric", None))


def progress_of(options: argparse.Namespace, comm: Comm) -> Any:
    """Return what prints progress, None on other ranks and for --quiet."""
    from distsnn.liquid.progress import ProgressLines

    return ProgressLines() if comm.rank == 0 and not options.quiet else None


def chosen_preset(options: argparse.Namespace, kind: str) -> Preset:
    """Return the preset for a kind of recordings, with the grid and the numbers that are set."""
    from distsnn.liquid.geometry import grid_of
    from distsnn.liquid.parameters import preset, with_settings

    found = preset(options.preset or kind)
    if options.grid:
        found = found.with_grid(options.grid)
    elif options.neurons or options.preset != "published":
        found = found.with_grid(grid_of(options.neurons or DEFAULT_NEURONS))
    return with_settings(found, dict(options.set))


def chosen_liquid(options: argparse.Namespace, found: Preset, n_lines: int, image: Any) -> Liquid:
    """Return the liquid that listens to ``n_lines`` lines."""
    from distsnn.liquid.liquid import Liquid

    per_core = chosen_per_core(options, options.chip or "loihi")
    liquid = Liquid(found.column, found.wiring, n_lines, image, options.seed, found.dt_ms, per_core)
    liquid.network()  # what cannot be wired is told before anything is played
    return liquid


def chosen_per_core(options: argparse.Namespace, chip: str) -> int:
    """Return how many neurons may share a core; raises UsageError for more than the chip allows."""
    from distsnn.checks import whole
    from distsnn.chip import load_chip
    from distsnn.errors import UsageError

    most = load_chip(chip).neurons_per_core
    return whole("neurons per core", options.neurons_per_core or most, 1, most, error=UsageError)


def require_known_ways(options: argparse.Namespace, comm: Comm) -> None:
    """Raise UsageError for a fabric or a number of replicas that there is not."""
    from distsnn.checks import choice
    from distsnn.comm import FABRICS
    from distsnn.liquid.respond import require_replicas

    if options.fabric is not None:
        choice("fabric", options.fabric, FABRICS)
    require_replicas(getattr(options, "replicas", 1), comm)
