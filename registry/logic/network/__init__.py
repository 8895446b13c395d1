"""The network file: a whole network as one document, for configuration, fixtures and moves."""
