"""Start one command, wait for it, and write what it used, as JSON, to a file.

`python -I -S bench/launch.py REPORT COMMAND...` is small on purpose: the system counts the memory
of the process that starts another one as the peak of that one, so a measured process has to be
started by one that is smaller than itself.
"""

import os
import sys


def main(arguments: list[str]) -> int:
    """Run the command; write its exit code, its processor time and its peak in bytes."""
    report, *command = arguments
    process = os.posix_spawn(command[0], command, os.environ)
    _, status, used = os.wait4(process, 0)
    code = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024  # bytes in one of what the system counts
    seconds = used.ru_utime + used.ru_stime
    with open(report, "w", encoding="ascii") as file:  # noqa: PTH123  # pathlib is too large
        file.write(f'{{"code": {code}, "seconds": {seconds!r}, "peak": {used.ru_maxrss * unit}}}')
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
