"""Network and chip -> plan: cut populations into cores and place them."""

from distsnn.mapping.placement import DEFAULT_PLACEMENT, PLACEMENTS
from distsnn.mapping.plan import Plan, Slice
from distsnn.mapping.planning import make_plan

__all__ = ["DEFAULT_PLACEMENT", "PLACEMENTS", "Plan", "Slice", "make_plan"]
