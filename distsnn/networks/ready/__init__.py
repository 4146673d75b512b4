"""Ready networks, one to a file: ``build`` with its settings as arguments makes the network."""
