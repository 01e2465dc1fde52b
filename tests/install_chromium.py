"""Find the Chromium that the browser tests drive; install Debian's where there is none.

``make test`` runs this first. It prints the path, or one sentence that says what to do.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")
ADVICE = (
    "The browser tests need Chromium: install it (on Debian: apt-get install chromium), "
    "or put its path into OVERWATCH_CHROMIUM."
)


def find() -> str | None:
    """The path of a Chromium: the one of OVERWATCH_CHROMIUM, else the system's."""
    named = os.environ.get("OVERWATCH_CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)


def install() -> None:
    """Debian's package, where we may. Does nothing where we may not."""
    if not shutil.which("apt-get") or os.environ.get("OVERWATCH_CHROMIUM"):
        return
    command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    if os.geteuid() != 0:
        sudo = ["sudo", "-n"]
        if not shutil.which("sudo") or subprocess.run([*sudo, "true"], check=False).returncode:
            return
        command = [*sudo, *command]
    options = ["install", "-y", "--no-install-recommends", "chromium"]
    for arguments in (["update"], options):
        subprocess.run([*command, *arguments], check=False, stdout=sys.stderr)


def main() -> None:
    if find() is None:
        install()
    sys.exit(ADVICE) if find() is None else print(find())  # noqa: T201  (a command's answer)


if __name__ == "__main__":
    main()
