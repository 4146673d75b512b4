"""The settings of a run, and checks of the arguments of ``simulate``."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import Any

from distsnn.checks import MAX_INT32, choice, flag, must_be, whole
from distsnn.chip import Chip, load_chip
from distsnn.comm import FABRICS, Comm
from distsnn.errors import UsageError
from distsnn.mapping import CUTS, DEFAULT_CUT, OwnPlacement, require_placement
from distsnn.network import Network


@dataclass(frozen=True)
class Settings:
    """Settings of a run, none of which affects its spikes.

    chip: a name, the path of a file, or a ``Chip``. placement: a name from ``PLACEMENTS``, the core of
    each block, or a function (see ``Placement``). fabric: a name from ``FABRICS``, or None for
    ``serial`` on one rank and ``mesh`` on several. neurons_per_core: at most so many, or None for the
    chip's maximum. strict: whether exceeding a limit of the chip is an error. cut: "neurons" fills
    cores up to their neurons alone, "limits" up to every limit of the chip, "patches" too, with patches
    of images on a core. Raises UsageError for other values.
    """

    chip: str | Chip = "loihi"
    placement: str | OwnPlacement = "rows"
    fabric: str | None = None
    neurons_per_core: int | None = None
    strict: bool = False
    cut: str = DEFAULT_CUT

    def __post_init__(self) -> None:
        if not isinstance(self.chip, (str, os.PathLike, Chip)):
            limit = "a name, the path of a file or a Chip"
            raise UsageError(must_be("Settings.chip", limit, self.chip, "Give 'loihi'."))
        require_placement("Settings.placement", self.placement)
        choice("Settings.cut", self.cut, CUTS)
        if self.fabric is not None:
            choice("Settings.fabric", self.fabric, FABRICS)
        if self.neurons_per_core is not None:
            whole("Settings.neurons_per_core", self.neurons_per_core, 1, MAX_INT32,
                  error=UsageError)  # fmt: skip
        flag("Settings.strict", self.strict, error=UsageError)

    def loaded_chip(self) -> Chip:
        """Return the chip, loaded from its file unless it is given as a ``Chip``."""
        return load_chip(self.chip)


def call_settings(
    settings: Settings | None, options: dict[str, Any], call: str = "simulate"
) -> Settings:
    """Return the settings of a call that gives either ``Settings`` or its fields by name."""
    known = [field.name for field in fields(Settings)]
    for name in options:
        if name not in known:
            own = ("duration_ms", "progress") if call == "simulate" else ("noise_seed",)
            limit = f"one of {', '.join((*own, 'settings', 'comm', *known))}"
            raise UsageError(must_be(f"{call}: option", limit, name, "Check the name."))
    if settings is None:
        return Settings(**options)
    if not isinstance(settings, Settings):
        limit = "an instance of Settings"
        raise UsageError(must_be(f"{call}: settings", limit, settings, "Give Settings(...)."))
    if options:
        limit = "given alone, or left out for options by name"
        remedy = "Give all options in the settings, or all by name."
        raise UsageError(
            must_be(f"{call}: settings", limit, f"it and {', '.join(options)}", remedy)
        )
    return settings


def require_network(
    subject: str,
    network: object,
    comm: object = None,
    progress: object = None,
    *,
    name: str = "progress",
) -> None:
    """Raise UsageError unless the arguments of a run have the right types.

    subject: the call, for the message. name: what it calls its argument ``progress``.
    """
    if not isinstance(network, Network):
        raise UsageError(must_be(f"{subject}: network", "a Network", network, "Describe one."))
    if comm is not None and not isinstance(comm, Comm):
        limit = "the return value of distsnn.start()"
        raise UsageError(must_be(f"{subject}: comm", limit, comm, "Give that."))
    is_shown = name == "progress" and isinstance(progress, bool)
    if progress is not None and not is_shown and not callable(progress):
        limit = "True, a function or None" if name == "progress" else "a function, or None"
        raise UsageError(must_be(f"{subject}: {name}", limit, progress, "Leave it out."))
