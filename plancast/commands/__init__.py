"""Commands of plancast, one module for each verb.

Each module has a click `command`, a frozen dataclass `Args` for its flags, and
`run(args, runtime) -> ExitCode`, which tests call with a runtime of their own.
"""
