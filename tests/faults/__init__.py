"""Faults, again and again: killed processes, full and locked disks, clocks that jump, a PostgreSQL that is restarted.

    python -m tests.faults --seed 1        (`make faults`)

Real processes on loopback, ended by SIGKILL in the middle of their work; what was acknowledged is counted against what is
stored.
"""
