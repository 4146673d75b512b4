"""Learning rules from text: read and checked, traces assigned, written as a file."""
