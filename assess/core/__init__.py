"""The method, pure: standard library only, frozen values, functions; no files, clock or randomness."""
