"""The judges: how each is found on this machine, and how to get one that is missing."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from heliograph.errors import Error, OracleMissingError
from heliograph.process import find, run

__all__ = ["JUDGES", "Judge", "builds", "judge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Something that decides whether an answer is right.

    :param name: the name that comparisons use.
    :param decides: what it is asked.
    :param look: returns its version, or None if it is not on this machine.
    :param get: how to get it, for Debian where it is a package.
    """

    name: str
    decides: str
    look: Callable[[], str | None]
    get: str

    def version(self) -> str | None:
        """Return its version, or None if it is not here or does not run."""
        try:
            return self.look()
        except (Error, OSError):
            return None


def _program(name: str, *args: str) -> Callable[[], str | None]:
    """Return a look for a program that prints its version, with ``args``."""

    def look() -> str | None:
        path = find(name)
        if path is None:
            return None
        done = run([path, *args], timeout=10)
        return next((line.strip() for line in (done.out + done.err).splitlines() if line.strip()), name)

    return look


def _package(name: str) -> Callable[[], str | None]:
    """Return a look for a Python package that no lock holds; it is imported by the comparison that needs it."""

    def look() -> str | None:
        try:
            return f"{name} {version(name)}" if find_spec(name) else None
        except PackageNotFoundError:
            return None

    return look


def _binutils() -> str | None:
    return _program("as", "--version")() if find("objdump") and find("objcopy") else None


def _cpu() -> str | None:
    """Return the name of the CPU, which is asked by a program that gcc builds."""
    if sys.platform != "linux" or platform.machine() != "x86_64" or find("gcc") is None:
        return None
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "x86_64")


def _kernel() -> str | None:
    if sys.platform != "linux" or not Path("/proc/self/status").exists():
        return None
    return f"Linux {os.uname().release} {os.uname().machine}"


def _libc() -> str | None:
    name, version = platform.libc_ver()
    return f"{name} {version}" if name else None


def _cross_headers(triplet: str) -> Callable[[], str | None]:
    """Return a look for the kernel's headers of another architecture, which need gcc's preprocessor."""

    def look() -> str | None:
        version = Path(f"/usr/{triplet}/include/linux/version.h")
        if find("gcc") is None or not version.exists():
            return None
        fields = [line.split() for line in version.read_text().splitlines()]
        parts = {words[1]: words[2] for words in fields if len(words) == 3}
        numbers = [parts.get(f"LINUX_VERSION_{part}", "?") for part in ("MAJOR", "PATCHLEVEL", "SUBLEVEL")]
        return f"kernel headers {'.'.join(numbers)}"

    return look


_CROSS = ("alpha", "mips", "sparc64", "hppa", "arm64", "armhf")
TRIPLETS = {
    "alpha": "alpha-linux-gnu",
    "mips": "mips-linux-gnu",
    "sparc64": "sparc64-linux-gnu",
    "hppa": "hppa-linux-gnu",
    "arm64": "aarch64-linux-gnu",
    "armhf": "arm-linux-gnueabihf",
}
"""Debian's name of an architecture to the folder of its headers."""

JUDGES = {
    row.name: row
    for row in (
        Judge(
            name="kernel",
            decides="masks in /proc/PID/status, default actions and wait statuses of real children",
            look=_kernel,
            get="run on Linux",
        ),
        Judge(name="libc", decides="the macros about a wait status; SIGRTMIN", look=_libc, get="run on Linux"),
        Judge(
            name="python",
            decides="the names and numbers of the module signal",
            look=lambda: f"Python {platform.python_version()} on {sys.platform}" if sys.platform == "linux" else None,
            get="run on Linux",
        ),
        Judge(name="bash", decides="kill -l", look=_program("bash", "--version"), get="apt install bash"),
        Judge(
            name="perl",
            decides="sig_name of its Config",
            look=_program("perl", "-e", "print $^V"),
            get="apt install perl",
        ),
        Judge(
            name="gcc",
            decides="the C library's headers through gcc -E -dM; offsets and sizes by static assertions",
            look=_program("gcc", "--version"),
            get="apt install gcc libc6-dev",
        ),
        Judge(
            name="gdb",
            decides="the name of the signal in a core file; the layouts of ptype /o",
            look=_program("gdb", "--version"),
            get="apt install gdb",
        ),
        Judge(
            name="pahole",
            decides="layouts in DWARF, and the running kernel's in BTF",
            look=_program("pahole", "--version"),
            get="apt install dwarves",
        ),
        Judge(
            name="rustc",
            decides="tables exported as Rust",
            look=_program("rustc", "--version"),
            get="apt install rustc",
        ),
        Judge(
            name="musl",
            decides="SIGRTMIN and SIGRTMAX of a program built with musl",
            look=_program("musl-gcc", "--version"),
            get="apt install musl-tools",
        ),
        Judge(
            name="binutils",
            decides="x86 instructions: objdump reads our bytes, as reads our text",
            look=_binutils,
            get="apt install binutils",
        ),
        Judge(
            name="capstone",
            decides="lengths and mnemonics of x86 instructions",
            look=_package("capstone"),
            get="pip install capstone",
        ),
        Judge(
            name="cpu",
            decides="what x86 instructions do in user mode, with the error codes of their faults",
            look=_cpu,
            get="run on Linux on x86_64; apt install gcc libc6-dev gcc-multilib",
        ),
        Judge(
            name="unicorn",
            decides="what x86 instructions do in ring 3",
            look=_package("unicorn"),
            get="pip install unicorn",
        ),
        *(
            Judge(
                name=f"headers-{arch}",
                decides=f"signal numbers in the kernel's headers for {arch}",
                look=_cross_headers(TRIPLETS[arch]),
                get=f"apt install linux-libc-dev-{arch}-cross",
            )
            for arch in _CROSS
        ),
    )
}
"""The judges by name."""


def judge(name: str) -> Judge:
    """Return a judge that is on this machine.

    :raises OracleMissingError: it is not; the message says how to get it.
    """
    found = JUDGES[name]
    if found.version() is None:
        raise OracleMissingError(f"the judge {name} is not on this machine ({found.get})")
    return found


def builds(argv: Sequence[str], source: str, *, entry: str) -> bool:
    """Say whether a compiler builds an empty program with the headers of a source.

    It tells a judge that is absent from a source that is wrong: only the first is a reason to skip.

    :param argv: the command that reads C from standard input.
    :param entry: the function at which the empty program starts.
    """
    headers = [line for line in source.splitlines() if line.startswith("#include")]
    return run(argv, stdin="\n".join([*headers, entry, ""])).code == 0
