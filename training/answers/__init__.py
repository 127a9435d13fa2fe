"""Training of the network that tells whether a text answers a question."""
