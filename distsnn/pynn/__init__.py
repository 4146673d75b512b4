"""PyNN 0.13 on distsnn: ``import distsnn.pynn as sim``, or ``import pyNN.distsnn as sim``."""

# isort: off
from distsnn.pynn import requirement as requirement  # first: it says what is missing

# isort: on
from pyNN import errors as errors
from pyNN import random as random
from pyNN import space as space
from pyNN.connectors import *  # noqa: F403
from pyNN.network import Network as Network
from pyNN.random import GSLRNG as GSLRNG
from pyNN.random import NumpyRNG as NumpyRNG
from pyNN.random import RandomDistribution as RandomDistribution
from pyNN.recording import *  # noqa: F403
from pyNN.space import Space as Space

from distsnn.pynn.cells.composed import LIF as LIF
from distsnn.pynn.cells.composed import AdExp as AdExp
from distsnn.pynn.cells.composed import AlphaPSR as AlphaPSR
from distsnn.pynn.cells.composed import BetaPSR as BetaPSR
from distsnn.pynn.cells.composed import (
    CondAlphaPostSynapticResponse as CondAlphaPostSynapticResponse,
)
from distsnn.pynn.cells.composed import CondBetaPostSynapticResponse as CondBetaPostSynapticResponse
from distsnn.pynn.cells.composed import CondExpPostSynapticResponse as CondExpPostSynapticResponse
from distsnn.pynn.cells.composed import CurrExpPostSynapticResponse as CurrExpPostSynapticResponse
from distsnn.pynn.cells.composed import ExpPSR as ExpPSR
from distsnn.pynn.cells.composed import PointNeuron as PointNeuron
from distsnn.pynn.cells.integrate_fire import EIF_cond_exp_isfa_ista as EIF_cond_exp_isfa_ista
from distsnn.pynn.cells.integrate_fire import IF_cond_alpha as IF_cond_alpha
from distsnn.pynn.cells.integrate_fire import IF_cond_exp as IF_cond_exp
from distsnn.pynn.cells.integrate_fire import IF_curr_alpha as IF_curr_alpha
from distsnn.pynn.cells.integrate_fire import IF_curr_delta as IF_curr_delta
from distsnn.pynn.cells.integrate_fire import IF_curr_exp as IF_curr_exp
from distsnn.pynn.cells.integrate_fire import IF_facets_hardware1 as IF_facets_hardware1
from distsnn.pynn.cells.integrate_fire import Izhikevich as Izhikevich
from distsnn.pynn.cells.more_cells import EIF_cond_alpha_isfa_ista as EIF_cond_alpha_isfa_ista
from distsnn.pynn.cells.more_cells import HH_cond_exp as HH_cond_exp
from distsnn.pynn.cells.more_cells import IF_cond_exp_gsfa_grr as IF_cond_exp_gsfa_grr
from distsnn.pynn.cells.sources import SpikeSourceArray as SpikeSourceArray
from distsnn.pynn.cells.sources import SpikeSourceGamma as SpikeSourceGamma
from distsnn.pynn.cells.sources import SpikeSourceInhGamma as SpikeSourceInhGamma
from distsnn.pynn.cells.sources import SpikeSourcePoisson as SpikeSourcePoisson
from distsnn.pynn.cells.sources import SpikeSourcePoissonRefractory as SpikeSourcePoissonRefractory
from distsnn.pynn.control import end as end
from distsnn.pynn.control import get_current_time as get_current_time
from distsnn.pynn.control import get_max_delay as get_max_delay
from distsnn.pynn.control import get_min_delay as get_min_delay
from distsnn.pynn.control import get_time_step as get_time_step
from distsnn.pynn.control import initialize as initialize
from distsnn.pynn.control import num_processes as num_processes
from distsnn.pynn.control import rank as rank
from distsnn.pynn.control import reset as reset
from distsnn.pynn.control import run as run
from distsnn.pynn.control import run_for as run_for
from distsnn.pynn.control import run_until as run_until
from distsnn.pynn.control import setup as setup
from distsnn.pynn.electrodes import ACSource as ACSource
from distsnn.pynn.electrodes import DCSource as DCSource
from distsnn.pynn.electrodes import NoisyCurrentSource as NoisyCurrentSource
from distsnn.pynn.electrodes import StepCurrentSource as StepCurrentSource
from distsnn.pynn.populations import Assembly as Assembly
from distsnn.pynn.populations import Population as Population
from distsnn.pynn.populations import PopulationView as PopulationView
from distsnn.pynn.procedural_api import connect as connect
from distsnn.pynn.procedural_api import create as create
from distsnn.pynn.procedural_api import record as record
from distsnn.pynn.procedural_api import record_gsyn as record_gsyn
from distsnn.pynn.procedural_api import record_v as record_v
from distsnn.pynn.procedural_api import set as set
from distsnn.pynn.projections import Connection as Connection
from distsnn.pynn.projections import Projection as Projection
from distsnn.pynn.synapses import (
    AdditivePotentiationMultiplicativeDepression as AdditivePotentiationMultiplicativeDepression,
)
from distsnn.pynn.synapses import AdditiveWeightDependence as AdditiveWeightDependence
from distsnn.pynn.synapses import GutigWeightDependence as GutigWeightDependence
from distsnn.pynn.synapses import MultiplicativeWeightDependence as MultiplicativeWeightDependence
from distsnn.pynn.synapses import SimpleStochasticSynapse as SimpleStochasticSynapse
from distsnn.pynn.synapses import SpikePairRule as SpikePairRule
from distsnn.pynn.synapses import StaticSynapse as StaticSynapse
from distsnn.pynn.synapses import STDPMechanism as STDPMechanism
from distsnn.pynn.synapses import TsodyksMarkramSynapse as TsodyksMarkramSynapse
from distsnn.pynn.synapses import Vogels2011Rule as Vogels2011Rule
from distsnn.pynn.wiring.drawn import AllToAllConnector as AllToAllConnector
from distsnn.pynn.wiring.drawn import (
    DistanceDependentProbabilityConnector as DistanceDependentProbabilityConnector,
)
from distsnn.pynn.wiring.drawn import FixedNumberPostConnector as FixedNumberPostConnector
from distsnn.pynn.wiring.drawn import FixedNumberPreConnector as FixedNumberPreConnector
from distsnn.pynn.wiring.drawn import FixedProbabilityConnector as FixedProbabilityConnector
from distsnn.pynn.wiring.drawn import FixedTotalNumberConnector as FixedTotalNumberConnector
from distsnn.pynn.wiring.drawn import OneToOneConnector as OneToOneConnector
from distsnn.pynn.wiring.given import ArrayConnector as ArrayConnector
from distsnn.pynn.wiring.given import CloneConnector as CloneConnector
from distsnn.pynn.wiring.given import FromFileConnector as FromFileConnector
from distsnn.pynn.wiring.given import FromListConnector as FromListConnector
from distsnn.pynn.wiring.native_rng import NativeRNG as NativeRNG
