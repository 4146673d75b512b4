"""Network and chip -> plan: cut populations into cores and place them."""

from distsnn.mapping.partition import rank_of_core as rank_of_core  # for other rooms
from distsnn.mapping.placement import DEFAULT_PLACEMENT, PLACEMENTS
from distsnn.mapping.placement import place as place
from distsnn.mapping.plan import Plan, Slice
from distsnn.mapping.planning import make_plan
from distsnn.mapping.planning import wanted_per_core as wanted_per_core

__all__ = ["DEFAULT_PLACEMENT", "PLACEMENTS", "Plan", "Slice", "make_plan"]
