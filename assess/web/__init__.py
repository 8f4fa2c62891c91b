"""The screens: Flask views that parse, call one use case and render."""
