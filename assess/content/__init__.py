"""Authored and uploaded files, hostile until parsed, to core values and back."""
