"""Networks exported by snnTorch, Norse and Sinabs give the spikes that these programs give.

For an environment that has them: pip install torch snntorch norse sinabs nirtorch nir
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest

nir_package = pytest.importorskip("nir", reason="needs the package nir, which writes the graphs")
torch = pytest.importorskip("torch", reason="needs PyTorch, on which the frameworks are built")

from distsnn import nir  # noqa: E402
from distsnn.player import Recording  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")
N_STEPS, N_IN, N_HIDDEN, N_OUT = 80, 12, 15, 4


@pytest.fixture(autouse=True)
def same_weights():
    torch.manual_seed(3)


def given():
    """Return spikes of the input, [steps, lines]."""
    return (np.random.default_rng(5).random((N_STEPS, N_IN)) < 0.3).astype(np.float32)


def wide(n_in, n_out, factor=1.0):
    """Return a dense layer whose input makes neurons spike."""
    layer = torch.nn.Linear(n_in, n_out)
    torch.nn.init.uniform_(layer.weight, -0.4 * factor, 0.8 * factor)
    return layer


def ours(graph, path, **options):
    """Return the spikes of the output, [steps, neurons]."""
    nir_package.write(str(path), graph)
    loaded = nir.load(path, **options)
    step, line = np.nonzero(given())
    played = nir.run(loaded, [Recording(step, line, N_STEPS)])
    spikes = np.zeros((N_STEPS, N_OUT), bool)
    spikes[played.outputs.trains[0]] = True
    return spikes


def require_same(mine, theirs):
    assert theirs.sum() > 10
    assert (theirs.sum(axis=0) < N_STEPS).any()
    np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize(
    ("kind", "mechanism", "reset"),
    [
        ("Leaky", "zero", "value"),
        ("Synaptic", "zero", "value"),
        ("RLeaky", "zero", "value"),
        ("Leaky", "subtract", "subtract"),
    ],
)
def test_snntorch(kind, mechanism, reset, tmp_path):
    """snnTorch resets a step later unless told otherwise; its graphs have steps of 0.1 ms.

    Where v is above twice the threshold, it subtracts the second time a step later all the same.
    """
    snn = pytest.importorskip("snntorch", reason="needs snnTorch")
    from snntorch.export_nir import export_to_nir

    options = {"reset_mechanism": mechanism, "reset_delay": False, "init_hidden": True}

    def of(n):
        return {"threshold": torch.ones(n), **options}

    hidden = {
        "Leaky": lambda: snn.Leaky(beta=torch.rand(N_HIDDEN) * 0.5 + 0.4, **of(N_HIDDEN)),
        "Synaptic": lambda: snn.Synaptic(
            alpha=torch.full((N_HIDDEN,), 0.6), beta=torch.full((N_HIDDEN,), 0.7), **of(N_HIDDEN)
        ),
        "RLeaky": lambda: snn.RLeaky(
            beta=torch.full((N_HIDDEN,), 0.7), linear_features=N_HIDDEN, **of(N_HIDDEN)
        ),
    }[kind]()
    last = snn.Leaky(beta=torch.full((N_OUT,), 0.8), output=True, **of(N_OUT))
    factor = 1.0 if reset == "value" else 0.3
    dense = wide(N_IN, N_HIDDEN, factor), wide(N_HIDDEN, N_OUT, factor)
    net = torch.nn.Sequential(dense[0], hidden, dense[1], last)
    spikes = torch.from_numpy(given())
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph = export_to_nir(net, spikes[0])
        for module in (hidden, last):
            module.reset_hidden()
        theirs = np.array([net(spikes[t : t + 1])[0].numpy().ravel() > 0 for t in range(N_STEPS)])
    mine = ours(graph, tmp_path / "net.nir", dt_ms=0.1, method="euler", reset=reset)
    require_same(mine, theirs)


def test_norse(tmp_path):
    """Norse multiplies time constants by the step that it is told."""
    norse = pytest.importorskip("norse", reason="needs Norse").torch
    from norse.torch.utils.export_nir import to_nir

    def neurons(n):
        # tau 10 ms; v_th 0.3
        parameters = norse.LIFBoxParameters(
            tau_mem_inv=torch.full((n,), 100.0), v_th=torch.full((n,), 0.3),
            v_leak=torch.zeros(n), v_reset=torch.zeros(n),
        )  # fmt: skip
        return norse.LIFBoxCell(parameters)

    layers = wide(N_IN, N_HIDDEN), neurons(N_HIDDEN), wide(N_HIDDEN, N_OUT), neurons(N_OUT)
    net = norse.SequentialState(*layers)
    spikes, state, theirs = torch.from_numpy(given()), None, []
    with torch.no_grad():
        for t in range(N_STEPS):
            out, state = net(spikes[t : t + 1], state)
            theirs.append(out.numpy().ravel() > 0)
        graph = to_nir(net, spikes[0], dt=1.0)
    mine = ours(graph, tmp_path / "net.nir", dt_ms=1.0, method="euler")
    require_same(mine, np.array(theirs))


def test_sinabs(tmp_path):
    """Sinabs subtracts the threshold; told to count one spike in a step, it counts as a chip does."""
    pytest.importorskip("sinabs", reason="needs Sinabs")
    import sinabs.activation as sina
    import sinabs.layers as sl
    from sinabs.nir import to_nir

    def neurons():
        return sl.IAFSqueeze(
            batch_size=1, spike_fn=sina.SingleSpike, spike_threshold=torch.tensor(2.0)
        )

    net = torch.nn.Sequential(wide(N_IN, N_HIDDEN), neurons(), wide(N_HIDDEN, N_OUT), neurons())
    spikes = torch.from_numpy(given())
    with torch.no_grad():
        theirs = net(spikes).numpy() > 0
        graph = to_nir(net, spikes)
    mine = ours(graph, tmp_path / "net.nir", reset="subtract")
    require_same(mine, theirs)
