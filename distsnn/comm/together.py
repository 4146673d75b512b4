"""Marks functions that all ranks call together."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from distsnn.comm.interface import Comm
from distsnn.comm.launch.startup import start

Arguments = ParamSpec("Arguments")
Returned = TypeVar("Returned")


def collective(
    doing: str,
) -> Callable[[Callable[Arguments, Returned]], Callable[Arguments, Returned]]:
    """Let all ranks raise the error of any of them in a function; ``doing`` is its name in messages.

    The communicator is the argument ``comm`` (by name; one of None becomes ``start()``), else the
    attribute ``comm`` of the first argument.
    """

    def mark(function: Callable[Arguments, Returned]) -> Callable[Arguments, Returned]:
        @functools.wraps(function)
        def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Returned:
            comm: Any = kwargs.get("comm")
            if comm is None and args:
                comm = getattr(args[0], "comm", None)
            if comm is None:
                kwargs["comm"] = comm = start()
            if not isinstance(comm, Comm):
                return function(*args, **kwargs)  # which says what it must be
            with comm.together(doing):
                return function(*args, **kwargs)

        return call

    return mark
