"""kam-assess: measure a key account management programme and leave with a plan."""

__version__ = "0.1.0"
