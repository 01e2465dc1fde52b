"""``python tether.py PARENT NICE PROGRAM ARGUMENT...``: become it, tied to its parent.

When the parent ends, however it ends, the kernel asks the program to end as well: no
part outlives its supervisor, not even one that was killed. Only Linux can do this.
What the program writes is its owner's alone, and others go first as far as it is nice.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, nice: int, program: list[str]) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))
        if os.getppid() != parent:  # It had ended before we asked.
            return
    os.umask(0o077)
    os.nice(nice)
    try:
        os.execv(program[0], program)  # noqa: S606  (no shell is wanted)
    except OSError as error:
        sys.exit(f"{program[0]} cannot be started: {error.strerror}.")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
