"""Tests of signing in through a provider, against one on loopback."""
