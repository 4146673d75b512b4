"""``python -m distsnn``."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; return its exit code. Collective under MPI."""
    from distsnn.cli.parser import run_command
    from distsnn.comm import run_program
    from distsnn.report.screen import screen

    given = list(sys.argv[1:] if arguments is None else arguments)
    with screen() as output:
        try:
            return output.exit_code(run_program(lambda: run_command(given)))
        except SystemExit as leaving:
            if leaving.code in (0, None):
                leaving.code = output.exit_code(0)
            raise


if __name__ == "__main__":
    sys.exit(main())
