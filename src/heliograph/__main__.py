"""The command ``helio``: hand the terminal's arguments to :func:`heliograph.cli.main`."""

import sys

from heliograph.cli import main as _main


def main() -> None:
    """Run ``helio`` with the arguments of this process and exit with its code."""
    sys.exit(_main(sys.argv[1:]))


if __name__ == "__main__":
    main()
