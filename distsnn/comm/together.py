"""The decorator of functions that all ranks call together."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, Protocol, TypeVar, runtime_checkable

from distsnn.comm.interface import Comm
from distsnn.comm.launch.startup import start

Arguments = ParamSpec("Arguments")
Returned = TypeVar("Returned")


@runtime_checkable
class HasComm(Protocol):
    """An object that works on the ranks of a communicator."""

    comm: Comm


def collective(
    call: str,
) -> Callable[[Callable[Arguments, Returned]], Callable[Arguments, Returned]]:
    """Raise an error of any rank in a function on all ranks; ``call`` names the function in messages.

    The communicator is the keyword argument ``comm`` of the function, or the attribute ``comm`` of its
    first argument; if both are missing or None, ``start()`` is passed as ``comm``.
    """

    def decorate(function: Callable[Arguments, Returned]) -> Callable[Arguments, Returned]:
        @functools.wraps(function)
        def wrapper(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Returned:
            comm: object = kwargs.get("comm")
            if comm is None and args and isinstance(args[0], HasComm):
                comm = args[0].comm
            # neither given nor an attribute: the function gets the communicator of the run
            if comm is None:
                kwargs["comm"] = comm = start()
            if not isinstance(comm, Comm):
                return function(*args, **kwargs)  # which refuses it with its own message
            with comm.together(call):
                return function(*args, **kwargs)

        return wrapper

    return decorate
