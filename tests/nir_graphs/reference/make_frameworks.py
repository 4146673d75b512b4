"""Write frameworks.json and graphs.zip: networks exported by snnTorch, Norse and Sinabs.

Run with an interpreter that has the frameworks (``launch/peers frameworks`` makes one):

    python make_frameworks.py [FOLDER]          the graphs and spikes of all cases
    python make_frameworks.py read CASE GRAPH   the spikes of a graph that the framework has read

The tests read the files, so that they need no framework.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import sys
import tempfile
import warnings
import zipfile
from functools import partialmethod
from pathlib import Path

import nir
import norse.torch as norse
import numpy as np
import sinabs.activation as sina
import sinabs.layers as sl
import sinabs.nir
import snntorch as snn
import torch
from norse.torch.utils.export_nir import to_nir as norse_to_nir
from norse.torch.utils.import_nir import from_nir as norse_from_nir
from snntorch.export_nir import export_to_nir
from snntorch.import_nir import import_from_nir

HERE = Path(__file__).parent
PACKAGES = ("torch", "snntorch", "norse", "sinabs", "nirtorch", "nir", "numpy")
N_STEPS, N_IN, N_HIDDEN, N_OUT = 80, 12, 15, 4
IMAGE = (1, 6, 6)
SNNTORCH = {"dt_ms": 0.1, "method": "euler"}  # its graphs have steps of 0.1 ms
CASES = {
    "snntorch_leaky": {**SNNTORCH, "reset": "value"},
    "snntorch_synaptic": {**SNNTORCH, "reset": "value"},
    "snntorch_rleaky": {**SNNTORCH, "reset": "value"},
    "snntorch_subtract": {**SNNTORCH, "reset": "subtract"},
    "norse_lif": {"dt_ms": 1.0, "method": "euler", "reset": "value"},
    "sinabs_if": {"dt_ms": 1.0, "method": "exact", "reset": "subtract"},
    "sinabs_convolution": {"dt_ms": 1.0, "method": "exact", "reset": "subtract"},
}


def given(case: str) -> torch.Tensor:
    """Return the spikes of the input, [steps, ...]."""
    shape = IMAGE if case == "sinabs_convolution" else (N_IN,)
    spikes = np.random.default_rng(5).random((N_STEPS, *shape)) < 0.3
    return torch.from_numpy(spikes.astype(np.float32))


def wide(layer: torch.nn.Module, factor: float = 1.0) -> torch.nn.Module:
    """Draw weights with which neurons spike."""
    torch.nn.init.uniform_(layer.weight, -0.4 * factor, 0.8 * factor)
    return layer


def of_snntorch(case: str) -> torch.nn.Module:
    """Two layers; each neuron is reset in the step of its spike."""
    is_subtracted = case == "snntorch_subtract"
    options = {
        "reset_mechanism": "subtract" if is_subtracted else "zero",
        "reset_delay": False, "init_hidden": True,
    }  # fmt: skip
    of = {"threshold": torch.ones(N_HIDDEN), **options}
    if case == "snntorch_synaptic":
        alpha, beta = torch.full((N_HIDDEN,), 0.6), torch.full((N_HIDDEN,), 0.7)
        hidden = snn.Synaptic(alpha=alpha, beta=beta, **of)
    elif case == "snntorch_rleaky":
        hidden = snn.RLeaky(beta=torch.full((N_HIDDEN,), 0.7), linear_features=N_HIDDEN, **of)
    else:
        hidden = snn.Leaky(beta=torch.rand(N_HIDDEN) * 0.5 + 0.4, **of)
    last = snn.Leaky(
        beta=torch.full((N_OUT,), 0.8), output=True, threshold=torch.ones(N_OUT), **options
    )
    # Above twice the threshold snnTorch subtracts the second time a step later.
    factor = 0.3 if is_subtracted else 1.0
    first = wide(torch.nn.Linear(N_IN, N_HIDDEN), factor)
    return torch.nn.Sequential(first, hidden, wide(torch.nn.Linear(N_HIDDEN, N_OUT), factor), last)


def of_norse(case: str) -> torch.nn.Module:
    """Two layers of neurons with tau 10 ms."""

    def neurons(n: int) -> torch.nn.Module:
        return norse.LIFBoxCell(norse.LIFBoxParameters(
            tau_mem_inv=torch.full((n,), 100.0), v_th=torch.full((n,), 0.3),
            v_leak=torch.zeros(n), v_reset=torch.zeros(n),
        ))  # fmt: skip

    first, second = torch.nn.Linear(N_IN, N_HIDDEN), torch.nn.Linear(N_HIDDEN, N_OUT)
    return norse.SequentialState(wide(first), neurons(N_HIDDEN), wide(second), neurons(N_OUT))


def of_sinabs(case: str) -> torch.nn.Module:
    """Two layers, or convolution, pooling and a dense layer."""

    def neurons(threshold: float) -> torch.nn.Module:
        # Sinabs counts several spikes of a neuron in a step unless it is told otherwise.
        return sl.IAFSqueeze(
            batch_size=1, spike_fn=sina.SingleSpike, spike_threshold=torch.tensor(threshold)
        )

    if case == "sinabs_if":
        first, second = torch.nn.Linear(N_IN, N_HIDDEN), torch.nn.Linear(N_HIDDEN, N_OUT)
        return torch.nn.Sequential(wide(first), neurons(2.0), wide(second), neurons(2.0))
    return torch.nn.Sequential(
        wide(torch.nn.Conv2d(1, 3, 3, padding=1)), neurons(1.5), sl.SumPool2d(2),
        torch.nn.Flatten(), wide(torch.nn.Linear(27, N_OUT), 0.5), neurons(4.0),
    )  # fmt: skip


def played(case: str, net: torch.nn.Module, is_read: bool = False) -> np.ndarray:
    """Return the spikes of the output, bool [steps, neurons]. is_read: made from a graph."""
    spikes = given(case)
    if case.startswith("sinabs"):
        return np.asarray(net(spikes)[0] if is_read else net(spikes)) > 0
    state, out = None, []
    for t in range(N_STEPS):
        if is_read or case.startswith("norse"):
            result, state = net(spikes[t : t + 1], state)
            result = result[0] if isinstance(result, tuple) else result
        else:
            result = net(spikes[t : t + 1])[0]
        out.append(result.numpy().ravel() > 0)
    return np.array(out)


def made(case: str) -> tuple[nir.NIRGraph, np.ndarray]:
    """Return the exported graph of a case and the spikes that its framework gives."""
    torch.manual_seed(3)
    kind = case.split("_")[0]
    net = {"snntorch": of_snntorch, "norse": of_norse, "sinabs": of_sinabs}[kind](case)
    if kind == "norse":
        return norse_to_nir(net, given(case)[0], dt=1.0), played(case, net)
    if kind == "sinabs":
        theirs = played(case, net)
        return sinabs.nir.to_nir(net, given(case)), theirs
    graph = export_to_nir(net, given(case)[0])
    for module in (net[1], net[3]):
        module.reset_hidden()
    return graph, played(case, net)


def read(case: str, path: str) -> np.ndarray:
    """Return the spikes of a graph that the framework has read; what no graph says is set here."""
    graph = nir.read(path)
    # nirtorch 2.0.2 puts modules of PyTorch into a graph, whose types nir 1.0.8 then asks for.
    if case.startswith(("norse", "sinabs")):
        nir.NIRGraph.__init__ = partialmethod(nir.NIRGraph.__init__, type_check=False)
    if case.startswith("norse"):
        return played(case, norse_from_nir(graph), is_read=True)
    if case.startswith("sinabs"):
        net = sinabs.nir.from_nir(graph, batch_size=1)
        for module in net.modules():
            if isinstance(module, sl.IAFSqueeze):
                module.spike_fn, module.min_v_mem = sina.SingleSpike, None
        return played(case, net, is_read=True)
    net = import_from_nir(graph)
    for module in net.modules():
        if isinstance(module, snn.SpikingNeuron) and CASES[case]["reset"] == "subtract":
            module.reset_mechanism = "subtract"
    return played(case, net, is_read=True)


def listed(spikes: np.ndarray) -> list[list[int]]:
    """Return [steps, neurons] of spikes."""
    flat = np.asarray(spikes).reshape(len(spikes), -1)
    return [indices.tolist() for indices in np.nonzero(flat)]


def as_bytes(graph: nir.NIRGraph) -> bytes:
    """Return the NIR file of a graph."""
    with tempfile.TemporaryDirectory() as folder:
        nir.write(f"{folder}/net.nir", graph)
        return Path(folder, "net.nir").read_bytes()


def main() -> None:
    """Write all cases, or print the spikes of one graph."""
    warnings.simplefilter("ignore")
    torch.set_grad_enabled(False)
    if sys.argv[1:2] == ["read"]:
        print("\n" + json.dumps(listed(read(*sys.argv[2:4]))))
        return
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    cases, graphs = {}, {}
    for case, options in CASES.items():
        graph, theirs = made(case)
        graphs[case] = as_bytes(graph)
        print(f"{case:20s} {theirs.sum()} spikes")
        cases[case] = {
            "options": options, "n_steps": N_STEPS, "n_outputs": theirs.shape[1],
            "input": listed(given(case)), "output": listed(theirs),
        }  # fmt: skip
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    versions["python"] = platform.python_version()
    text = json.dumps({"versions": versions, "cases": cases}, separators=(",", ":"))
    for case in CASES:
        text = text.replace(f'"{case}":', f'\n"{case}":')
    (folder / "frameworks.json").write_text(text + "\n")
    with zipfile.ZipFile(folder / "graphs.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for case, graph in graphs.items():
            archive.writestr(zipfile.ZipInfo(f"{case}.nir"), graph, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main()
