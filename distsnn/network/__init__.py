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
    DistanceDependent,
    ExplicitList,
    FixedInDegree,
    FixedOutDegree,
    FixedProbability,
    FixedTotalNumber,
    OneToOne,
    PatchInDegree,
    Rule,
)

__all__ = [
    "AllToAll",
    "Constant",
    "DistanceDependent",
    "Distribution",
    "DrawnSynapses",
    "ExplicitList",
    "FixedInDegree",
    "FixedOutDegree",
    "FixedProbability",
    "FixedTotalNumber",
    "Gamma",
    "LogNormal",
    "Modulation",
    "Network",
    "Normal",
    "OneToOne",
    "PatchInDegree",
    "Population",
    "Probe",
    "Projection",
    "Rule",
    "Shared",
    "Stimulus",
    "Uniform",
    "WeightProbe",
    "drawn_synapses",
]
