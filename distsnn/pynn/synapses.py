"""Types of synapses: each says which rule of distsnn its synapses follow.

A rule is imported where it is first asked for, since its kernels take time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pyNN.standardmodels import synapses

from distsnn.plasticity.rule import PlasticityRule
from distsnn.pynn.cells.engine_cell import same_names
from distsnn.pynn.simulator import state

Numbers = Mapping[str, float]


class EngineSynapse:
    """A type of synapses.

    changes_weights: whether weights are to be read from the running network. has_state: whether there
    is a state beside the weight, which cannot be read.
    """

    changes_weights: ClassVar[bool] = False
    has_state: ClassVar[bool] = False
    is_static: ClassVar[bool] = False

    def _get_minimum_delay(self) -> float:
        return state.least_delay

    def engine_rule(self, numbers: Numbers, scale: float) -> PlasticityRule | None:
        """Return the rule of synapses; scale: PyNN's unit of weights in distsnn's."""
        raise NotImplementedError


class StaticSynapse(EngineSynapse, synapses.StaticSynapse):  # type: ignore[misc]
    __doc__ = synapses.StaticSynapse.__doc__
    translations = same_names(synapses.StaticSynapse.default_parameters)
    is_static = True

    def engine_rule(self, numbers: Numbers, scale: float) -> None:
        """Return None: weights stay."""
        return None


class TsodyksMarkramSynapse(EngineSynapse, synapses.TsodyksMarkramSynapse):  # type: ignore[misc]
    __doc__ = synapses.TsodyksMarkramSynapse.__doc__
    translations = same_names(synapses.TsodyksMarkramSynapse.default_parameters)
    has_state = True

    def engine_rule(self, numbers: Numbers, scale: float) -> PlasticityRule:
        """Return the rule of short-term plasticity."""
        from distsnn.plasticity.tsodyks_markram import TsodyksMarkram

        return TsodyksMarkram(numbers["U"], numbers["tau_rec"], numbers["tau_facil"])


class SimpleStochasticSynapse(EngineSynapse, synapses.SimpleStochasticSynapse):  # type: ignore[misc]
    __doc__ = synapses.SimpleStochasticSynapse.__doc__
    translations = same_names(synapses.SimpleStochasticSynapse.default_parameters)

    def engine_rule(self, numbers: Numbers, scale: float) -> PlasticityRule:
        """Return the rule of release at random."""
        from distsnn.plasticity.stochastic_release import StochasticRelease

        return StochasticRelease(numbers["p"])


class AdditiveWeightDependence(synapses.AdditiveWeightDependence):  # type: ignore[misc]
    __doc__ = synapses.AdditiveWeightDependence.__doc__
    translations = same_names(synapses.AdditiveWeightDependence.default_parameters)
    possible_models = frozenset({"PairStdp", "VogelsStdp"})
    exponents = (0.0, 0.0)


class MultiplicativeWeightDependence(synapses.MultiplicativeWeightDependence):  # type: ignore[misc]
    __doc__ = synapses.MultiplicativeWeightDependence.__doc__
    translations = same_names(synapses.MultiplicativeWeightDependence.default_parameters)
    possible_models = frozenset({"PairStdp"})
    exponents = (1.0, 1.0)


class AdditivePotentiationMultiplicativeDepression(  # type: ignore[misc]
    synapses.AdditivePotentiationMultiplicativeDepression
):
    __doc__ = synapses.AdditivePotentiationMultiplicativeDepression.__doc__
    translations = same_names(
        synapses.AdditivePotentiationMultiplicativeDepression.default_parameters
    )
    possible_models = frozenset({"PairStdp"})
    exponents = (0.0, 1.0)


class GutigWeightDependence(synapses.GutigWeightDependence):  # type: ignore[misc]
    __doc__ = synapses.GutigWeightDependence.__doc__
    translations = same_names(synapses.GutigWeightDependence.default_parameters)
    possible_models = frozenset({"PairStdp"})
    exponents = None  # parameters of the synapses


class SpikePairRule(synapses.SpikePairRule):  # type: ignore[misc]
    __doc__ = synapses.SpikePairRule.__doc__
    translations = same_names(synapses.SpikePairRule.default_parameters)
    possible_models = frozenset({"PairStdp"})


class Vogels2011Rule(synapses.Vogels2011Rule):  # type: ignore[misc]
    __doc__ = synapses.Vogels2011Rule.__doc__
    translations = same_names(synapses.Vogels2011Rule.default_parameters)
    possible_models = frozenset({"VogelsStdp"})


class STDPMechanism(EngineSynapse, synapses.STDPMechanism):  # type: ignore[misc]
    __doc__ = synapses.STDPMechanism.__doc__
    base_translations = same_names(dict.fromkeys(("weight", "delay", "dendritic_delay_fraction")))
    changes_weights = True

    def _build_translations(self) -> None:
        # PyNN's own adds those of the parts to the table of the class.
        self.translations: dict[str, Any] = dict(self.base_translations)
        for part in (self.timing_dependence, self.weight_dependence):
            self.translations.update(part.translations if part else {})

    def engine_rule(self, numbers: Numbers, scale: float) -> PlasticityRule:
        """Return the rule of learning, with bounds in the engine's unit."""
        from distsnn.plasticity.pair_stdp import PairStdp
        from distsnn.plasticity.vogels_stdp import VogelsStdp

        # The bounds have the sign of the weights.
        low, high = numbers["w_min"] * scale, numbers["w_max"] * scale
        if "VogelsStdp" in self.possible_models:
            # PyNN's eta is what a weight changes by, distsnn's a share of the range.
            eta = numbers["eta"] * scale / (high - low)
            return VogelsStdp(high, low, eta=eta, rho_hz=numbers["rho"], tau_ms=numbers["tau"])
        # mu: exponents of what is left to the bounds
        exponents = self.weight_dependence.exponents
        if exponents is None:
            exponents = numbers["mu_plus"], numbers["mu_minus"]
        return PairStdp(
            high, low, numbers["A_plus"], numbers["A_minus"], numbers["tau_plus"],
            numbers["tau_minus"], *exponents,
        )  # fmt: skip
