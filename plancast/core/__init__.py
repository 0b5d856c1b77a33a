"""The pure middle of plancast: values and the functions that decide.

Nothing in this package reads a file, a clock, an environment variable or a
socket. Everything it needs comes in as a frozen value, everything it decides
goes out as one.
"""
