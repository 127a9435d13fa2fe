"""How the bundled encoder was made: reads a data folder, writes weights and a model card."""
