"""How a rank ends: no rank hangs, and the job prints one message."""
