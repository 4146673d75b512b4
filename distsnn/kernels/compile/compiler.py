"""Turns kernels into object code. The only file that imports the compiler (numba)."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

# Intel's vector maths would give other bits where it is installed than where it is not. Numba looks at
# this when it is imported.
os.environ["NUMBA_DISABLE_INTEL_SVML"] = "1"

import llvmlite.binding as llvm
import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

from distsnn.kernels.compile.signature import Declared, Signature, mode

# A loop over many arrays is vectorised only if the compiler may check all their pairs for overlap.
llvm.set_option("", "--runtime-memory-check-threshold=200")

OPTIONS: dict[str, Any] = {"error_model": "numpy", "_nrt": False, "nogil": True}
# In the compiling process, only functions call each other: what Python would need to do so takes a
# quarter of the time. The machine code of kernels is the same.
UNCALLED: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def jit(function: Callable[..., Any], **more: Any) -> Callable[..., Any]:
    """Compile lazily, as kernels and device functions call each other."""
    uncalled = UNCALLED if mode() == "compile" else {}
    return numba.njit(**{**OPTIONS, **uncalled, **more})(function)


@intrinsic
def prefetch(typing_context, array, index):  # type: ignore[no-untyped-def]
    """Prefetch the cache line of ``array[index]`` (1-D); changes no value."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.gep(data, [arguments[1]])
        byte_pointer = ir.IntType(8).as_pointer()
        int32 = ir.IntType(32)
        function_type = ir.FunctionType(ir.VoidType(), [byte_pointer, int32, int32, int32])
        function = builder.module.declare_intrinsic("llvm.prefetch", [byte_pointer], function_type)
        read, keep_near, data_cache = int32(0), int32(3), int32(1)
        pointer = builder.bitcast(address, byte_pointer)
        builder.call(function, [pointer, read, keep_near, data_cache])
        return context.get_dummy_value()

    return types.void(array, index), generate


@intrinsic
def read_cycles(typing_context):  # type: ignore[no-untyped-def]
    """Read the processor's cycle counter. Only x86 lets every program do so."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        kind = ir.FunctionType(ir.IntType(64), [])
        name = "llvm.readcyclecounter"
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [])

    return types.int64(), generate


@intrinsic
def call_kernel(typing_context, address, a, b, c, d, e, f, n_scalars, table):  # type: ignore[no-untyped-def]
    """Call the compiled kernel at ``address`` with the first n_scalars of a .. f and its table.

    n_scalars is one of a few values, so the call is chosen by a switch.
    """

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        int64 = ir.IntType(64)
        start, *scalars, n, table_address = arguments
        result = cgutils.alloca_once(builder, int64)
        builder.store(int64(0), result)
        end = builder.append_basic_block("called")
        switch = builder.switch(n, end)
        for count in range(len(scalars) + 1):
            block = builder.append_basic_block(f"call{count}")
            switch.add_case(int64(count), block)
            builder.position_at_end(block)
            kind = ir.FunctionType(int64, [int64] * (count + 1))
            function = builder.inttoptr(start, kind.as_pointer())
            builder.store(builder.call(function, [*scalars[:count], table_address]), result)
            builder.branch(end)
        builder.position_at_end(end)
        return builder.load(result)

    return types.int64(*[types.int64] * 9), generate


def array_view(dtype: str, n_dims: int) -> Any:
    """Return a compiled function (address, *shape) -> array over memory that it does not own."""
    array_type = types.Array(getattr(types, _numba_name(dtype)), n_dims, "C")
    item_size = int(dtype[1])

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        array = context.make_array(array_type)(context, builder)
        pointer = builder.inttoptr(arguments[0], array.data.type)
        shape = arguments[1:]
        size = context.get_constant(types.intp, item_size)
        strides = [size] if n_dims == 1 else [builder.mul(shape[1], size), size]
        populate_array(
            array, data=pointer, shape=list(shape), strides=strides, itemsize=size, meminfo=None
        )
        return array._getvalue()

    if n_dims == 1:

        def typed(typing_context, address, n):  # type: ignore[no-untyped-def]
            return array_type(address, n), generate
    else:

        def typed(typing_context, address, n_rows, n_columns):  # type: ignore[no-untyped-def]
            return array_type(address, n_rows, n_columns), generate

    return intrinsic(typed)


def entry(kernel: Declared) -> Any:
    """Return the C function ``int64 f(int64 scalars ..., int64 *table)`` that runs ``kernel``."""
    signature = kernel.signature
    source = entry_source(signature)
    names: dict[str, Any] = {"kernel": jit(kernel.python)}
    for dtype, n_dims in signature.arrays:
        names[f"view_{dtype}_{n_dims}"] = array_view(dtype, n_dims)
    exec(compile(source, f"<entry of {kernel.name}>", "exec"), names)
    arguments = [types.int64] * signature.n_scalars + [types.CPointer(types.int64)]
    return numba.cfunc(types.int64(*arguments), **OPTIONS)(names["entry"])


def entry_source(signature: Signature) -> str:
    """Return the text of the entry: it reads the table and calls the kernel with arrays."""
    scalars = [f"s{i}" for i in range(signature.n_scalars)]
    lines = [f"def entry({', '.join([*scalars, 'table'])}):"]
    place = 0
    for number, (dtype, n_dims) in enumerate(signature.arrays):
        shape = ", ".join(f"table[{place + 1 + i}]" for i in range(n_dims))
        lines.append(f"    a{number} = view_{dtype}_{n_dims}(table[{place}], {shape})")
        place += 1 + n_dims
    arrays = [f"a{i}" for i in range(len(signature.arrays))]
    lines.append(f"    return kernel({', '.join([*scalars, *arrays])})")
    return "\n".join(lines) + "\n"


def _numba_name(dtype: str) -> str:
    kind = {"i": "int", "u": "uint", "f": "float"}[dtype[0]]
    return f"{kind}{8 * int(dtype[1])}"
