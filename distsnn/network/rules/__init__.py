"""Connection rules: one file each, with closed forms and the draws for any range of targets."""

from distsnn.network.rules.convolution import Convolution, SumPooling
from distsnn.network.rules.dense import AllToAll, OneToOne
from distsnn.network.rules.distance import DistanceDependent
from distsnn.network.rules.edge_list import EdgeList
from distsnn.network.rules.ends import Ends, Rule, Streams
from distsnn.network.rules.explicit import ExplicitList
from distsnn.network.rules.in_degree import FixedInDegree
from distsnn.network.rules.in_space import Distance
from distsnn.network.rules.matrix import Matrix
from distsnn.network.rules.out_degree import FixedOutDegree
from distsnn.network.rules.patches import PatchInDegree
from distsnn.network.rules.probability import FixedProbability
from distsnn.network.rules.total import FixedTotalNumber

__all__ = [
    "AllToAll",
    "Convolution",
    "Distance",
    "DistanceDependent",
    "EdgeList",
    "Ends",
    "ExplicitList",
    "FixedInDegree",
    "FixedOutDegree",
    "FixedProbability",
    "FixedTotalNumber",
    "Matrix",
    "OneToOne",
    "PatchInDegree",
    "Rule",
    "Streams",
    "SumPooling",
]
