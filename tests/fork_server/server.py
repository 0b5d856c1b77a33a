"""The process that forks: it loads modules by name, then runs what its clients ask for."""

from __future__ import annotations

import atexit
import gc
import importlib
import marshal
import os
import runpy
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import NoReturn


def main(path: str, modules: list[str]) -> None:
    """Load the modules, and fork for each client. A child returns from `serve`, and runs."""
    for name in modules:
        importlib.import_module(name)
    gc.freeze()  # what is loaded stays: no child looks through it, and its pages stay shared
    run(serve(path))


def serve(path: str) -> list[str]:
    """Fork a watcher for each client; return, in the child of a watcher alone, its arguments."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        os.write(1, b"ready\n")
        while True:
            client, _ = listener.accept()
            if os.fork() == 0:
                # Forked twice, so that the server need not wait for what takes long.
                if os.fork() == 0:
                    return watch(client, listener)
                os._exit(0)
            os.wait()
            client.close()


def watch(client: socket.socket, listener: socket.socket) -> list[str]:
    """Fork the child, and return its arguments there; here, send back its exit code and end."""
    arguments, environ, folder, streams = receive(client)
    child = os.fork()
    if child == 0:
        client.close()
        listener.close()
        become(environ, folder, streams)
        return arguments
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    client.sendall((code if code >= 0 else 128 - code).to_bytes(4, "big"))
    os._exit(0)


def receive(client: socket.socket) -> tuple[list[str], dict[bytes, bytes], bytes, list[int]]:
    """Read one request: arguments, environment, folder, and the three streams."""
    head, streams, _, _ = socket.recv_fds(client, 8, 3)
    size = int.from_bytes(head, "big")
    body = b""
    while len(body) < size:
        part = client.recv(size - len(body))
        if not part:
            raise EOFError("the client ended before it had asked")
        body += part
    arguments, environ, folder = marshal.loads(body)  # from a client of these tests
    return arguments, environ, folder, streams


def become(environ: dict[bytes, bytes], folder: bytes, streams: list[int]) -> None:
    """Take over the environment, the folder and the streams of the client."""
    os.environb.clear()
    os.environb.update(environ)
    time.tzset()
    os.chdir(folder)
    # Python learned on its start whether its streams can seek, and whether they are a terminal.
    # Those of the client may differ: they get objects of their own.
    for number, (name, stream) in enumerate(
        zip(("stdin", "stdout", "stderr"), streams, strict=True)
    ):
        os.dup2(stream, number)
        os.close(stream)
        old = getattr(sys, name)
        by_lines = 1 if name == "stderr" or os.isatty(number) else -1
        mode = "r" if name == "stdin" else "w"
        new = os.fdopen(number, mode, by_lines, old.encoding, old.errors)
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)


def run(arguments: list[str]) -> NoReturn:
    """Run a module as Python does for `[-I] -m MODULE ...`, and end."""
    if arguments[0] == "-I":
        arguments = arguments[1:]
    else:
        sys.path.insert(0, str(Path.cwd()))
    assert arguments[0] == "-m", arguments
    sys.argv = arguments[1:]
    code: object = 0
    try:
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001  # as the interpreter does
        traceback.print_exc()
        code = 1
    leave(code)


def leave(code: object) -> NoReturn:
    """End as the interpreter does, but for taking apart each module that is loaded."""
    if code is not None and not isinstance(code, int):
        print(code, file=sys.stderr)
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


main(sys.argv[1], sys.argv[2:])
