"""The application around a command: its context, its console and its process.

A command gets a `Runtime` from here beside its arguments, and reaches everything through it.
"""
