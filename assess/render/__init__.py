"""A composed report becomes bytes. Everything heavy is imported where it is used."""
