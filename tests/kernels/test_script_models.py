"""Models and rules that a script or notebook defines give the same bits as in files of their own."""

from __future__ import annotations

import pytest
from jobs import needs_mpirun, run_job
from kernels.small_kernels import MODEL, ROOT, RUN, python

pytestmark = pytest.mark.timeout(600)

RULE = """
from distsnn.kernels.plastic.traces import trace_kernels
from distsnn.plasticity.trace_rule import TraceRule


@dataclass(frozen=True)
class Grow(TraceRule):
    w_max: float
    gain: float = 0.25
    splits_delay: ClassVar[bool] = False
    pre_taus_ms: ClassVar[tuple] = (20.0,)
    post_taus_ms: ClassVar[tuple] = (20.0,)
    weight_bounds: ClassVar[tuple] = (0.0, 1.0)


@device
def potentiate(u, r1, gain):
    return min(u + gain * r1, np.float32(1.0))


@device
def depress(u):
    return u


deliver, sweep = trace_kernels(potentiate, depress)
"""
CALLS = "run(Leak())\nrun(Leak(), plasticity=Grow(w_max=1.0))\n"
SCRIPT = MODEL + RULE + RUN + CALLS
GUARDED = MODEL + RULE + RUN + f"if __name__ == '__main__':\n    {CALLS.replace(chr(10), '; ')}\n"


def digests(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("digest")]


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """Digests with the model and the rule in files of their own."""
    folder = tmp_path_factory.mktemp("tau=10 ms")
    (folder / "leak.py").write_text(MODEL)
    (folder / "grow.py").write_text(MODEL[: MODEL.index("@dataclass")] + RULE)
    (folder / "main.py").write_text(
        "from distsnn import Network, load_model, simulate\n"
        "from distsnn.plasticity import load_rule\n"
        f"Leak, Grow = load_model('{folder}/leak.py'), load_rule('{folder}/grow.py:Grow')\n"
        + RUN + CALLS
    )  # fmt: skip
    done = python(str(folder / "main.py"))
    found = digests(done.stdout)
    assert len(set(found)) == 2, done.stderr
    assert all(int(one.split()[2]) > 20 for one in found)
    return found


@pytest.mark.parametrize("script", [SCRIPT, GUARDED], ids=["without a guard", "guarded"])
def test_in_a_script(expected, tmp_path, script):
    (tmp_path / "script.py").write_text(script)
    done = python(str(tmp_path / "script.py"))
    assert digests(done.stdout) == expected, done.stderr
    assert "compiling" not in done.stderr  # the same code, wherever it is, is compiled once


@needs_mpirun
def test_in_a_script_on_two_ranks(expected, tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    job = run_job(tmp_path, 2, str(tmp_path / "script.py"), timeout_s=500)
    assert job.code == 0, job.output
    assert digests(job.output) == expected


def test_in_an_imported_file_that_runs_at_import(expected, tmp_path):
    (tmp_path / "own.py").write_text(SCRIPT)
    done = python("-c", "import own", cwd=str(tmp_path))
    assert digests(done.stdout) == expected, done.stderr


def test_without_any_file(expected):
    """As ``python -c`` or at the prompt, where no source exists."""
    done = python("-c", SCRIPT)
    assert digests(done.stdout) == expected, done.stderr


CELLS = f"""
def cell(text, number):
    exec(compile(text, f"/tmp/ipykernel_1/{{number}}.py", "exec"), vars(sys.modules["__main__"]))

import sys
model, rule, run, calls = {MODEL!r}, {RULE!r}, {RUN!r}, {CALLS!r}
del sys.modules["__main__"].__spec__
"""


def test_in_cells_of_a_notebook(expected):
    """Cells are executed in __main__, which has no file. Running one again changes what it defines."""
    text = (
        CELLS
        + """
cell(model, 1); cell(rule, 2); cell(run, 3); cell(calls, 4)
cell("old = Leak()", 5)
cell(model.replace("1.25", "1.5"), 1)
cell("run(Leak())", 6)
cell("GAIN = np.float32(1.25)", 7)
cell("run(Leak())", 8)
try:
    cell("run(old)", 9)
except Exception as error:
    print(type(error).__name__, error)
"""
    )
    done = python("-c", text)
    found = digests(done.stdout)
    assert found[:2] == expected, done.stderr
    assert found[2] != expected[0]
    assert found[3] == expected[0]
    assert done.stdout.splitlines()[-1] == (
        "NetworkError model Leak: must be of the class that has this name now, got one of an "
        "earlier definition. Make it anew."
    )


def test_in_a_shell_of_ipython(expected):
    pytest.importorskip("IPython", reason="needs IPython")
    text = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        f"shell = InteractiveShell.instance()\n"
        f"for text in {[MODEL, RULE, RUN, CALLS]!r}:\n"
        "    shell.run_cell(text).raise_error()\n"
    )
    done = python("-c", text)
    assert digests(done.stdout) == expected, done.stderr


SECOND = MODEL[MODEL.index("@dataclass") :].replace("Leak", "Other").replace("1.25", "1.5")
SECOND = SECOND.replace("GAIN", "HIGH_GAIN").replace("amplified", "much_amplified")
IN_CLASS = "    advance = driver(step, Constants, states, receptors)\n"


def with_kernel_in_class(text: str) -> str:
    """Return a model's text with the kernel in its class, behind ``step``."""
    start, end = text.index("@dataclass"), text.index("advance =")
    step = text.index("GAIN = ") - len("HIGH_") * ("HIGH_GAIN" in text)
    return text[:start] + text[step:end] + text[start:step].rstrip() + "\n\n" + IN_CLASS


def test_two_models_in_one_script(expected):
    """Both would get the kernel that was defined last."""
    both = MODEL + SECOND + RUN + "run(Leak())\n"
    done = python("-c", both)
    assert done.stderr.splitlines()[-1].startswith(
        "distsnn: model Leak: must have a kernel of its own beside Other, got "
        "one 'advance' for all. Define advance in each class."
    )
    both = with_kernel_in_class(MODEL) + with_kernel_in_class(SECOND) + RUN
    done = python("-c", both + "run(Leak())\nrun(Other())\n")
    found = digests(done.stdout)
    assert found[0] == expected[0], done.stderr
    assert found[1] != expected[0]


HELPER = "import numpy as np\ndef amplified(x):\n    return np.float32({}) * x\n"


def test_a_helper_that_changes(expected, tmp_path):
    """A model that imports a function from another file, which is edited between two runs."""
    start, end = MODEL.index("GAIN"), MODEL.index("@device")
    text = MODEL[:start] + "import helpers\n\n" + MODEL[end:]
    (tmp_path / "leak.py").write_text(text.replace("amplified(", "helpers.amplified("))
    main = (
        "from distsnn import Network, load_model, simulate\n"
        f"Leak = load_model('{tmp_path}/leak.py')\n{RUN}run(Leak())\n"
    )
    runs = []
    for factor in ("1.25", "1.50", "1.25"):
        (tmp_path / "helpers.py").write_text(HELPER.format(factor))
        done = python("-B", "-c", main, PYTHONPATH=f"{ROOT}:{tmp_path}")
        runs += digests(done.stdout) or [done.stderr]
    assert runs[0] == runs[2] == expected[0] != runs[1]


def test_a_model_that_lacks_something(tmp_path):
    done = python("-c", MODEL.replace("units:", "unit:") + RUN + "run(Leak())\n")
    last = done.stderr.splitlines()[-1]
    assert last.startswith("distsnn: model Leak: must be a class with receptors, ")
    assert ", got one that lacks units." in last
    done = python("-c", SCRIPT.replace("(TraceRule)", ""))
    last = done.stderr.splitlines()[-1]
    assert "plasticity: must be an instance of a plasticity rule, got Grow(" in last
