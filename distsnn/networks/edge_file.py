"""A network from a table of edges, such as a connectome: ``run edges.parquet``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from distsnn.checks import choice, must_be
from distsnn.errors import UsageError
from distsnn.network import EdgeList, Network
from distsnn.networks.fly import DELAY_MS, INPUT_MV, SYNAPSE_MV, fly_neuron
from distsnn.neurons import LifExp
from distsnn.stimuli import Poisson

ENDINGS = (".csv", ".parquet")
# model -> scale of weights, delay in ms and weight of an input spike, unless they are given
MODELS = {"fly": (SYNAPSE_MV, DELAY_MS, INPUT_MV), "lif": (1.0, 1.5, 300.0)}
NEURONS = "neurons"


def edge_file_build(path: Path) -> Callable[..., Network]:
    """Return the ``build`` function of a table of edges."""
    return partial(_build, path)


def _build(
    path: Path,
    model: str = "fly",
    scale: float | None = None,
    delay_ms: float | None = None,
    stimulated: int = 100,
    rate_hz: float = 150.0,
    input_weight: float | None = None,
    named: bool = True,
    source: str | None = None,
    target: str | None = None,
    weight: str | None = None,
    delay: str | None = None,
    dt_ms: float = 0.1,
    seed: int = 1,
) -> Network:
    """Return the neurons named in the table, connected by it.

    model: fly (Shiu et al. 2024) or lif. scale: of the weights, to mV (fly) or pA (lif). delay_ms:
    where the table has none. stimulated: so many neurons, the first ones, get Poisson input of rate_hz
    and input_weight. named, source, target, weight, delay: as in ``EdgeList``.
    """
    choice("model", model, tuple(MODELS))
    own_scale, own_delay_ms, own_input = MODELS[model]
    edges = EdgeList(
        path, source=source, target=target, weight=weight, delay=delay, named=named,
        scale=own_scale if scale is None else scale,
    )  # fmt: skip
    net = Network(dt_ms=dt_ms, seed=seed, name=path.stem)
    _connect(net, path, edges, model, {"weight": own_scale, "delay_ms": delay_ms or own_delay_ms})
    if edges.own_values("delays_ms") is not None and delay_ms is not None:
        limit = "left out, since the table has delays"
        raise UsageError(must_be("delay_ms", limit, delay_ms, "Give them in one place."))
    if stimulated > 0 and rate_hz > 0.0:
        cells = net.find(NEURONS)[: min(stimulated, edges.n_neurons)]
        size = own_input if input_weight is None else input_weight
        net.stimulate(cells, Poisson(rate_hz=rate_hz, weight=size))
    return net


def _connect(
    net: Network, path: Path, edges: EdgeList, model: str, missing: dict[str, Any]
) -> None:
    """Add the neurons and their synapses. missing: weight and delay where the table has none."""
    if not edges.n_neurons:
        raise UsageError(must_be(f"{path}", "a table with edges", "none", "Add rows."))
    cells = net.population(NEURONS, edges.n_neurons, fly_neuron() if model == "fly" else LifExp())
    # What the table has must not be given a second time.
    if edges.own_values("weights") is not None:
        missing["weight"] = None
    if edges.own_values("delays_ms") is not None:
        missing["delay_ms"] = None
    net.connect(cells, cells, edges, receptor="input" if model == "fly" else None, **missing)
