"""The command ``helio``: hand the terminal's arguments to :func:`heliograph.cli.main`."""

import sys
from importlib import import_module

from heliograph.cli import main as _main
from heliograph.errors import UsageError


def main() -> None:
    """Run ``helio`` with the arguments of this process and exit with its code."""
    sys.exit(_main(sys.argv[1:]))


def genoffsets() -> None:
    """Run ``genoffsets`` as Solaris' makefiles call it: 2 for a wrong call, 1 for any failure."""
    try:
        asked = import_module("heliograph.genassym.cli.original").invocation(sys.argv[1:])
    except UsageError as error:
        sys.stderr.write(f"{error.message}\n")
        sys.exit(2)
    sys.stderr.write("".join(f"{line}\n" for line in asked.remarks))
    code = _main(asked.argv)
    sys.exit(1 if code == UsageError.exit_code else code)


if __name__ == "__main__":
    main()
