"""One verb, one module: a frozen `Args` and `run(args, runtime) -> ExitCode`."""
