"""How a rank ends, so that nothing hangs and one message is left."""
