"""The functions of a rule file, as kernels call them: variables and parameters by name.

A rule's function, such as ``potentiate(u, r1, a_plus)``, names what it reads, in any order: variables
of its family (``u``, ``r1``) and parameters of its rule (``a_plus``). A kernel hands the parameters
over in one float32 array ``c``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.kernels.compile.declare import Kernel, device
from distsnn.kernels.compile.substitute import plain_function


@dataclass
class RuleKernel(Kernel):
    """A kernel made of the functions of a rule file.

    parameters: names of the rule's parameters in the order of the kernel's array ``c``. n_pre,
    n_post: traces of pre- and postsynaptic spikes that it reads. frozen: makes the kernels that do the
    same but change no weight; None if the family has none.
    """

    parameters: tuple[str, ...] = ()
    n_pre: int = 0
    n_post: int = 0
    frozen: Callable[[], tuple[RuleKernel, ...]] | None = None


def module_of(function: Callable[..., Any]) -> str:
    """Return the module in which a device function was defined, compiled or not."""
    return str(plain_function(function).__module__)


def names_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of a device function's arguments, compiled or not."""
    return tuple(inspect.signature(plain_function(function)).parameters)


def parameters_of(*functions: Callable[..., Any], variables: Sequence[str]) -> tuple[str, ...]:
    """Return the arguments of several functions that are no variables of the family, each once."""
    names = (name for function in functions for name in names_of(function))
    return tuple(dict.fromkeys(name for name in names if name not in variables))


def with_parameters(
    function: Callable[..., Any],
    variables: Sequence[str],
    parameters: Sequence[str],
    not_here: Sequence[str] = (),
) -> Callable[..., Any]:
    """Return a device function of (c, *variables) that calls ``function`` with what it names.

    parameters: names of the entries of c. not_here: variables of the family that have no value when
    this function is called. Raises NetworkError if it reads one of them.
    """
    names = names_of(function)
    wrong = [name for name in names if name in not_here]
    if wrong:
        limit = f"a function of {', '.join(variables)} and parameters of its rule"
        thing, remedy = plain_function(function).__name__, f"Leave {wrong[0]} out."
        raise NetworkError(must_be(thing, limit, f"one of {', '.join(names)}", remedy))
    arguments = (name if name in variables else f"c[{parameters.index(name)}]" for name in names)
    text = f"def call(c, {', '.join(variables)}):\n    return function({', '.join(arguments)})\n"
    space: dict[str, Any] = {"function": function, "__name__": module_of(function)}
    exec(compile(text, "<function of a rule>", "exec"), space)
    return device(space["call"])
