"""How a network and a population look in a notebook."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from distsnn.checks import shown
from distsnn.outputs.html_tables import html_table

if TYPE_CHECKING:
    from distsnn.network.description import Population
    from distsnn.network.network import Network


def network_html(network: Network) -> str:
    """Return the tables of populations and of projections."""
    populations = [[p.name, p.size, type(p.model).__name__] for p in network.populations]
    projections = [
        [
            p.source.name, p.target.name, str(p.rule), f"{p.expected_synapses():,.0f}",
            "static" if p.plasticity is None else type(p.plasticity).__name__,
        ]
        for p in network.projections
    ]  # fmt: skip
    title = f"{network.name}: {network.n_neurons:,} neurons, dt {network.dt_ms:g} ms"
    tables = html_table(title, ("population", "neurons", "model"), populations)
    if projections:
        columns = ("from", "to", "rule", "synapses", "learning")
        tables += html_table("projections", columns, projections)
    return tables


def population_html(population: Population) -> str:
    """Return the table of the parameters of a population's model."""
    model: Any = population.model
    rows = []
    for field in fields(model):
        varying = population.parameters.get(field.name)
        value = getattr(model, field.name) if varying is None else varying
        rows.append([field.name, shown(value)])
    title = f"{population.name}: {population.size:,} neurons, {type(model).__name__}"
    return html_table(title, ("parameter", "value"), rows)
