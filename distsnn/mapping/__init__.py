"""Network and chip -> plan: cut populations into cores and place them."""

from distsnn.mapping.limits_cut import least_cores
from distsnn.mapping.partition import rank_of_core as rank_of_core  # for other rooms
from distsnn.mapping.placement import DEFAULT_PLACEMENT, PLACEMENTS
from distsnn.mapping.placement import OwnPlacement as OwnPlacement
from distsnn.mapping.placement import name_of_placement as name_of_placement
from distsnn.mapping.placement import place as place
from distsnn.mapping.placement import require_placement as require_placement
from distsnn.mapping.plan import Plan, Slice
from distsnn.mapping.planning import CUTS, make_plan
from distsnn.mapping.planning import DEFAULT_CUT as DEFAULT_CUT
from distsnn.mapping.planning import wanted_per_core as wanted_per_core

__all__ = ["CUTS", "DEFAULT_PLACEMENT", "PLACEMENTS", "Plan", "Slice", "least_cores", "make_plan"]
