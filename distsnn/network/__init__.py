"""Network descriptions: Network, its parts, distributions and connection rules."""

from distsnn.network.description import (
    Modulation,
    Population,
    Probe,
    Projection,
    Stimulus,
    WeightProbe,
)
from distsnn.network.distributions.distributions import (
    Constant,
    Distribution,
    LogNormal,
    Normal,
    Uniform,
)
from distsnn.network.distributions.gamma import Gamma
from distsnn.network.distributions.shared import Shared
from distsnn.network.drawn import DrawnSynapses, drawn_synapses
from distsnn.network.network import Network
from distsnn.network.rules import (
    AllToAll,
    Convolution,
    Distance,
    DistanceDependent,
    EdgeList,
    ExplicitList,
    FixedInDegree,
    FixedOutDegree,
    FixedProbability,
    FixedTotalNumber,
    Matrix,
    OneToOne,
    PatchInDegree,
    Rule,
    SumPooling,
)
from distsnn.network.space.by_distance import ByDistance
from distsnn.network.space.positions import (
    GivenPositions,
    Grid1D,
    Grid2D,
    Grid3D,
    RandomPositions,
)
from distsnn.network.space.profiles import Disc, Exponential, Gaussian, SampledProfile

__all__ = [
    "AllToAll",
    "ByDistance",
    "Constant",
    "Convolution",
    "Disc",
    "Distance",
    "DistanceDependent",
    "Distribution",
    "DrawnSynapses",
    "EdgeList",
    "ExplicitList",
    "Exponential",
    "FixedInDegree",
    "FixedOutDegree",
    "FixedProbability",
    "FixedTotalNumber",
    "Gamma",
    "Gaussian",
    "GivenPositions",
    "Grid1D",
    "Grid2D",
    "Grid3D",
    "LogNormal",
    "Matrix",
    "Modulation",
    "Network",
    "Normal",
    "OneToOne",
    "PatchInDegree",
    "Population",
    "Probe",
    "Projection",
    "RandomPositions",
    "Rule",
    "SampledProfile",
    "Shared",
    "Stimulus",
    "SumPooling",
    "Uniform",
    "WeightProbe",
    "drawn_synapses",
]
