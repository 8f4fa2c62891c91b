"""REST API, version 1: what staff do on screen, for programs. The same use cases, the same permissions, the same JSON forms."""
