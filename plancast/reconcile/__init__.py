"""The decisions, pure: what the files ask for against what the queue holds.

Nothing in this room reads a file, a clock, an environment variable or a socket. Everything it needs
comes in as a frozen value, everything it decides goes out as one.
"""
