"""The command line, the only room that parses arguments.

A command is a module of this package with ``HELP``, ``add_arguments(parser)`` and
``run(options) -> int``. Modules import nothing heavy before ``run``, so that ``-h`` is quick and
never starts MPI.
"""
