"""Whatever the package finds by its registries has a reference that shares no code with it.

Models, learning rules, connection rules and routing orders are found by inspection and compared with
the tables below; placements and fabrics are all taken by the tests of same bits. What is new fails
here until its twin exists.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from distsnn.kernels.mesh.routing import known_routings
from distsnn.network import rules
from distsnn.network.rules.computed import ComputedRule
from distsnn.neurons import all_models
from distsnn.plasticity import all_rules

TESTS = Path(__file__).parents[1]
NO_RULES = {"Ends", "Rule", "Streams"}  # parts of rules

# name: the tests that compare it with a twin, another simulator or a closed form
MODELS = {
    "AdEx": ("neurons/test_twins.py", "neurons/test_against_nest.py"),
    "AdaptiveLif": ("neurons/test_twins.py", "neurons/test_against_brian.py"),
    "CompartmentTree": ("neurons/test_compartment_tree.py", "neurons/test_against_brian_linear.py"),
    "IntegrateFire": ("neurons/test_twins.py", "neurons/test_against_brian_linear.py"),
    "Izhikevich": ("neurons/test_twins.py", "neurons/test_against_nest.py"),
    "LifAlpha": ("neurons/test_twins.py", "neurons/test_against_nest.py"),
    "LifCondAlpha": ("neurons/test_twins.py", "neurons/test_against_nest.py"),
    "LifCondExp": ("neurons/test_twins.py", "neurons/test_against_nest.py"),
    "LifDelta": ("neurons/test_twins.py", "neurons/test_against_nest.py", "core/twin.py"),
    "LifExp": ("neurons/test_twins.py", "neurons/test_against_nest.py", "core/twin.py"),
    "LifFloor": ("neurons/test_twins.py", "neurons/test_against_brian_linear.py"),
    "LoihiCuba": ("neurons/test_loihi_cuba.py",),
    "LoihiTree": ("neurons/test_loihi_tree.py",),
    "NirCubaLif": ("neurons/test_nir_models.py",),
    "NirIf": ("neurons/test_nir_models.py",),
    "NirLif": ("neurons/test_nir_models.py",),
    "PoissonNeuron": ("neurons/test_poisson_neuron.py",),
}
LEARNING_RULES = {
    "Oja": ("plasticity/plastic_twin.py", "plasticity/test_plastic_twins.py"),
    "PairStdp": ("plasticity/plastic_twin.py", "plasticity/test_plastic_twins.py"),
    "RewardStdp": ("plasticity/plastic_twin.py", "plasticity/test_plastic_twins.py"),
    "SumOfProducts": ("plasticity/test_products.py",),
    "StochasticRelease": ("plasticity/test_release.py",),
    "TripletStdp": ("plasticity/plastic_twin.py", "plasticity/test_plastic_twins.py"),
    "TsodyksMarkram": ("plasticity/test_short_term.py",),
    "VogelsStdp": ("plasticity/plastic_twin.py", "plasticity/test_plastic_twins.py"),
}
CONNECTION_RULES = {
    "AllToAll": ("network/test_rules.py", "mapping/test_expected_traffic.py"),
    "Distance": ("network/space/test_distance_rule.py", "mapping/test_expected_traffic.py"),
    "DistanceDependent": ("network/test_distance.py", "mapping/test_expected_traffic.py"),
    "ExplicitList": ("network/test_rules.py", "mapping/test_expected_traffic.py"),
    "FixedInDegree": ("network/test_rules.py", "network/test_rule_statistics.py"),
    "FixedOutDegree": ("network/test_rules.py", "network/test_rule_statistics.py"),
    "FixedProbability": ("network/test_rules.py", "network/test_rule_statistics.py"),
    "FixedTotalNumber": ("network/test_rules.py", "network/test_rule_statistics.py"),
    "ViewRule": ("network/views/test_view_rules.py",),
    "OneToOne": ("network/test_rules.py", "mapping/test_expected_traffic.py"),
    "EdgeList": ("networks/test_edge_files.py",),
    "EdgesOfFile": ("networks/test_own_edges.py",),
    "Matrix": ("network/test_matrices.py",),
    "Convolution": ("network/test_matrices.py",),
    "SumPooling": ("network/test_matrices.py",),
    "PatchInDegree": ("network/test_rules.py", "mapping/test_expected_traffic.py"),
}

ROUTING_ORDERS = {"xy": ("mesh/test_routing_orders.py",)}  # beside mesh/mesh_walker.py


def connection_rules() -> set[str]:
    """Return the names of the rules in network/rules, exported or not."""
    folder = Path(rules.__file__).parent
    modules = [path.stem for path in folder.glob("*.py") if path.stem != "__init__"]
    classes = [
        item
        for module in modules
        for item in vars(__import__(f"{rules.__name__}.{module}", fromlist=["x"])).values()
        if isinstance(item, type) and _is_rule(item)
    ]
    names = {item.__name__ for item in classes if item.__module__.startswith(rules.__name__)}
    return {name for name in names if not name.startswith("_")} - NO_RULES


def _is_rule(item: type) -> bool:
    is_computed = issubclass(item, ComputedRule) and not inspect.isabstract(item)
    return is_computed or dataclasses.is_dataclass(item)


def without_reference(exist: Iterable[str], table: dict[str, tuple[str, ...]]) -> list[str]:
    """Return what has no row in a table, and files of its row that do not use it."""
    wrong = [name for name in exist if not table.get(name)]
    for name, files in table.items():
        wrong += [f"{name}: {file}" for file in files if not _uses(TESTS / file, name)]
    return wrong


def _uses(path: Path, name: str) -> bool:
    """Whether a test names a class outside its imports."""
    if not path.exists():
        return False
    text = re.sub(r"^(from|import) .*?(\([^)]*\))?$", "", path.read_text(), flags=re.MULTILINE)
    return re.search(rf"\b{name}\b", text) is not None


@pytest.mark.parametrize(
    ("exist", "table"),
    [
        (set(all_models()), MODELS),
        (set(all_rules()), LEARNING_RULES),
        (connection_rules(), CONNECTION_RULES),
    ],
    ids=["models", "learning rules", "connection rules"],
)
def test_each_has_a_reference_of_its_own(exist, table):
    assert without_reference(exist, table) == []
    assert set(table) - exist == set()


def test_one_without_a_reference_is_noticed():
    assert without_reference(["LifExp", "LifNew"], {"LifExp": MODELS["LifExp"]}) == ["LifNew"]
    assert without_reference(["AdEx"], {"AdEx": ("core/twin.py",)}) == ["AdEx: core/twin.py"]


@pytest.mark.parametrize("file", ["test_same_bits.py", "matrix_of_ranks.py"])
def test_tests_of_same_bits_take_all_fabrics_and_placements(file):
    """They import the lists that the package makes from its folders, and leave out only serial."""
    text = (TESTS / file).read_text()
    assert "from distsnn.comm import FABRICS as ALL_FABRICS" in text
    assert 'FABRICS = tuple(name for name in ALL_FABRICS if name != "serial")' in text
    assert "from distsnn.mapping import PLACEMENTS" in text


def test_each_routing_order_has_a_reference_of_its_own():
    assert without_reference(known_routings(), ROUTING_ORDERS) == []
    assert set(ROUTING_ORDERS) == set(known_routings())
