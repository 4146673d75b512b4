"""Connectors of PyNN, which make many synapses at a time where parameters permit."""
