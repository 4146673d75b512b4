"""From the environment of a process to its communicator."""
