"""One rank of the measurements of overhead.py: notes the time before anything is imported."""

import time

BEGAN = (time.time(), time.process_time())


def main() -> None:
    """Import, start, measure. Collective."""
    from overhead_stages import measure

    measure(BEGAN)


if __name__ == "__main__":
    main()
