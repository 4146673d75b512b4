"""The launch of a process: its environment, MPI, and its communicator."""
