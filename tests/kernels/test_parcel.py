"""A parcel holds what machine code depends on: nothing of it can change unnoticed, and no more is."""

from __future__ import annotations

import marshal
import types

import numpy as np
import pytest

from distsnn.errors import KernelError
from distsnn.kernels.compile.build_process import Unpacker
from distsnn.kernels.compile.parcel import Parcel, pack

HELPER = "def gain(x):\n    return x * FACTOR\nFACTOR = 3\n"
KERNEL = """
import math
import numpy as np
import helper
from helper import gain

LIMITS = (1, 2.5, np.float32(4))
TABLE = np.arange(4, dtype=np.int32)

class Column:
    FIRST = 7

def made(shift):
    def kernel(x, out, more=1):
        out[0] = gain(x) + helper.FACTOR + LIMITS[0] + TABLE[2] + Column.FIRST + shift + more
        out[1] = math.floor(np.float64(x)) + sum([k for k in (1, 2)])
        return 0
    return kernel

kernel = made(5)
"""


def kernel_of(text=KERNEL, helper=HELPER, file="kernel.py", monkeypatch=None):
    module = types.ModuleType("helper")
    exec(compile(helper, "helper.py", "exec"), vars(module))
    monkeypatch.setitem(__import__("sys").modules, "helper", module)
    names: dict = {"__name__": "user"}
    exec(compile(text, file, "exec"), names)
    return names["kernel"]


@pytest.fixture
def digest(monkeypatch):
    def found(*changes, helper=HELPER, file="kernel.py"):
        text = KERNEL
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        kernel = kernel_of(text, helper, file, monkeypatch)
        return pack(kernel, "kernel", "i8(i8, i8[:])").digest()

    return found


def test_what_does_not_count(digest):
    same = digest()
    assert digest() == same
    assert digest(file="elsewhere.py") == same
    assert digest(("\nLIMITS", "\n\n# a remark\nUNUSED = 8\nLIMITS")) == same
    assert digest(helper="OTHER = 5\n\n" + HELPER) == same


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("FIRST = 7", "FIRST = 8"),
        ("made(5)", "made(6)"),
        ("made(5)", "made(5.0)"),
        ("made(5)", "made(True)"),
        ("more=1", "more=2"),
        ("np.float32(4)", "np.float64(4)"),
        ("np.arange(4, dtype=np.int32)", "np.arange(4, dtype=np.int64)"),
        ("np.arange(4", "-np.arange(4"),
        ("2.5", "-2.5"),
        ("(1, 2)", "(1, 3)"),
        ("math.floor(", "math.ceil("),
        ("import math\n", "import cmath as math\n"),
    ],
)
def test_what_counts(digest, old, new):
    assert digest((old, new)) != digest()


@pytest.mark.parametrize(("old", "new"), [("FACTOR = 3", "FACTOR = 4"), ("x * F", "x + F")])
def test_what_counts_in_an_imported_file(digest, old, new):
    assert digest(helper=HELPER.replace(old, new)) != digest()


def test_it_gives_the_same_function_again(monkeypatch):
    """Through ``marshal``, as on the way to the compiling process; without compiling."""
    kernel = kernel_of(monkeypatch=monkeypatch)
    parcel = pack(kernel, "kernel", "i8(i8, i8[:])")
    monkeypatch.setattr("distsnn.kernels.compile.compiler.jit", lambda function, **_: function)
    again = Unpacker(marshal.loads(marshal.dumps(parcel.functions))).kernel()
    got, expected = np.zeros(2), np.zeros(2)
    again(4, got)
    kernel(4, expected)
    assert np.array_equal(got, expected)
    assert got[0] == 4 * 3 + 3 + 1 + 2 + 7 + 5 + 1


def test_functions_that_call_each_other(monkeypatch):
    def even(n):
        return True if n == 0 else odd(n - 1)

    def odd(n):
        return False if n == 0 else even(n - 1)

    parcel = pack(even, "even", "i8(i8)")
    assert len(parcel.functions) == 2
    monkeypatch.setattr("distsnn.kernels.compile.compiler.jit", lambda function, **_: function)
    again = Unpacker(parcel.functions).kernel()
    assert again(10)
    assert not again(7)


def test_modules_that_lead_to_each_other(monkeypatch):
    first, second = types.ModuleType("first"), types.ModuleType("second")
    first.second, second.first, first.value = second, first, 3
    names = {"first": first}
    exec("def kernel(x):\n    return x + first.value + first.second.first.value", names)
    assert isinstance(pack(names["kernel"], "kernel", "i8(i8)"), Parcel)


def test_a_name_without_a_value():
    def kernel(x):
        return x + later

    with pytest.raises(KernelError, match="kernel reads a name that has no value yet"):
        pack(kernel, "kernel", "i8(i8)")
    later = 1
