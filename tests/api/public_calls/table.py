"""One valid call of everything that needs arguments or is used in a way of its own."""

from __future__ import annotations

from public_calls.call import Call
from public_calls.doors.of_nir import of_nir
from public_calls.of_chips import of_chips, of_traffic
from public_calls.of_convnets import of_convnets
from public_calls.of_events import of_events
from public_calls.of_liquids import of_liquids
from public_calls.of_models import of_models, of_rules
from public_calls.of_networks import of_circuits, of_connections, of_distributions, of_networks
from public_calls.of_runs import of_results, of_runs
from public_calls.of_simulations import of_simulations
from public_calls.of_space import of_space
from public_calls.of_stimuli import of_stimuli

ROOMS_OF_CALLS = (
    of_models, of_rules, of_distributions, of_circuits, of_connections, of_networks, of_space,
    of_stimuli, of_runs, of_results, of_simulations, of_chips, of_traffic, of_events, of_liquids,
    of_convnets, of_nir,
)  # fmt: skip


def calls() -> dict[str, Call]:
    """Return the call of each name."""
    return {name: call for room in ROOMS_OF_CALLS for name, call in room().items()}
