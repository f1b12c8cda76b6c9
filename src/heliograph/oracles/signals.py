"""The judges of the signals wing: numbers, masks, default actions, wait statuses."""

from __future__ import annotations

import os
import re
import resource
import signal
import struct
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from heliograph.errors import Error, OracleMissingError, UnknownNameError
from heliograph.oracles.comparison import Comparison, Known, Said
from heliograph.oracles.judges import TRIPLETS
from heliograph.process import run
from heliograph.signals.model import Action, Libc, State, System
from heliograph.signals.parse.sets import status_masks
from heliograph.signals.parse.signals import signal as read_signal
from heliograph.signals.render.export import export_listing
from heliograph.signals.system import realtime_range, system_called
from heliograph.signals.translate.numbers import Translator
from heliograph.signals.translate.wait import decode

__all__ = ["COMPARISONS", "KNOWN"]

_DEFINE = re.compile(r"#define (\w+) (.+)")
_NO_SIGNALS = re.compile(r"SIG(EV|STK|_|RTM)|SIG$|SIGNAL")


def _ours(name: str, where: System, libc: Libc = Libc.GLIBC) -> str:
    """Return our number for a name, or why there is none."""
    try:
        return str(read_signal(name, where, libc).number)
    except UnknownNameError:
        return "unknown"


def _names(pairs: Iterable[tuple[str, int]], where: System) -> Iterator[Said]:
    for name, number in pairs:
        yield Said(key=name, ours=_ours(name, where), theirs=str(number))


def _host() -> System:
    """Return the Linux system that this machine is."""
    machine = os.uname().machine
    names = {"x86_64": "linux-x86_64", "i686": "linux-i386", "aarch64": "linux-arm64", "armv7l": "linux-arm"}
    return system_called(names.get(machine, f"linux-{machine}"))


def _bash() -> Iterator[Said]:
    """Compare with ``kill -l``, which prints ``10) SIGUSR1`` in columns."""
    listed = run(["bash", "-c", "kill -l"]).out
    yield from _names(((name, int(number)) for number, name in re.findall(r"(\d+)\) (\S+)", listed)), _host())


def _python() -> Iterator[Said]:
    members = signal.Signals.__members__
    yield from _names(((name, int(member)) for name, member in members.items()), _host())


def _perl() -> Iterator[Said]:
    """Compare with perl's list of names by number; it calls the numbers without a name NUM32 and so on."""
    script = "use Config; print join(qq(\\n), map { $_ } split(/ /, $Config{sig_name})), qq(\\n), $Config{sig_num}"
    *names, numbers = run(["perl", "-e", script]).out.split("\n")
    pairs = zip(names, numbers.split(), strict=False)
    known = ((name, int(number)) for name, number in pairs if name != "ZERO" and not name.startswith("NUM"))
    yield from _names(known, _host())


def _defines(text: str) -> Iterator[tuple[str, int]]:
    """Yield the signals in the output of ``gcc -E -dM``, aliases followed to their number."""
    defined = {match[1]: match[2].strip(" ()") for match in map(_DEFINE.match, text.splitlines()) if match}
    for name in sorted(defined):
        if not name.startswith("SIG") or _NO_SIGNALS.match(name):
            continue
        value, steps = defined[name], 0
        while value in defined and steps < 8:
            value, steps = defined[value], steps + 1
        if value.isdigit():
            yield name, int(value)


def _gcc() -> Iterator[Said]:
    text = run(["gcc", "-E", "-dM", "-D_GNU_SOURCE", "-xc", "-"], stdin="#include <signal.h>\n").out
    yield from _names(_defines(text), _host())


def _headers(arch: str, name: str) -> Callable[[], Iterator[Said]]:
    """Return the comparison with the kernel's headers of another architecture."""

    def ask() -> Iterator[Said]:
        where = system_called(name)
        folder = f"/usr/{TRIPLETS[arch]}/include"
        argv = ["gcc", "-E", "-dM", "-nostdinc", "-isystem", folder, "-xc", "-"]
        text = run(argv, stdin="#include <asm/signal.h>\n").out
        yield from _names(_defines(text), where)
        kernel = {match[1]: match[2] for match in map(_DEFINE.match, text.splitlines()) if match}
        ends = realtime_range(where, Libc.KERNEL)
        assert ends is not None
        for end, ours in (("SIGRTMIN", ends[0]), ("_NSIG", ends[1])):
            if kernel.get(end, "").isdigit():
                yield Said(key=end, ours=str(ours), theirs=kernel[end])

    return ask


def _musl() -> Iterator[Said]:
    """Build a program with musl and run it: its SIGRTMIN is a function of the library."""
    program = '#include <signal.h>\n#include <stdio.h>\nint main(void) { printf("%d %d\\n", SIGRTMIN, SIGRTMAX); }\n'
    with tempfile.TemporaryDirectory() as folder:
        binary = str(Path(folder, "ends"))
        built = run(["musl-gcc", "-static", "-xc", "-", "-o", binary], stdin=program)
        if built.code:
            raise Error(f"musl-gcc: {built.err.strip()}")
        ends = run([binary]).out.split()
    ours = realtime_range(_host(), Libc.MUSL)
    assert ours is not None
    for key, our, their in zip(("SIGRTMIN", "SIGRTMAX"), ours, ends, strict=True):
        yield Said(key=key, ours=str(our), theirs=their)


def _exported(language: str, build: Callable[[str, Path], Sequence[str]]) -> Callable[[], Iterator[Said]]:
    """Return the comparison of an exported table, compiled and run, with the map it was written from."""

    def ask() -> Iterator[Said]:
        translator = Translator(system_called("linux"), system_called("solaris-2005"))
        text = export_listing(language, translator, "strict").text
        with tempfile.TemporaryDirectory() as folder:
            binary = Path(folder, "table")
            source = Path(folder, f"table.{language}")
            source.write_text(text + _PRINTERS[language])
            built = run(build(str(source), binary))
            if built.code:
                raise Error(f"{language}: {built.err.strip()}")
            cells = run([str(binary)]).out.split()
        for found in translator.all():
            yield Said(key=str(found.source), ours=str(found.target or -1), theirs=cells[found.source])

    return ask


_PRINTERS = {
    "c": """
#include <stdio.h>
int main(void) {
    for (unsigned n = 0; n < sizeof linux_x86_64_to_solaris_2005 / sizeof *linux_x86_64_to_solaris_2005; n++)
        printf("%d ", linux_x86_64_to_solaris_2005[n]);
    return 0;
}
""",
    "rust": """
fn main() {
    for to in LINUX_X86_64_TO_SOLARIS_2005 {
        print!("{to} ");
    }
}
""",
}
"""A program for each language that prints the table."""


def _gdb(name: str, machine: int, size: int) -> Callable[[], Iterator[Said]]:
    """Return the comparison with what gdb calls the signal of a core file that was made for the question.

    :param machine: the ELF machine of the core.
    :param size: bytes of its NT_PRSTATUS; the number is a 16-bit word at 12.
    """

    def ask() -> Iterator[Said]:
        where = system_called(name)
        with tempfile.TemporaryDirectory() as folder:
            core = Path(folder, "core")
            for number, entry in where.signals.items():
                core.write_bytes(_core(number, machine, size))
                said = run(["gdb", "-nx", "-batch", "-ex", f"core-file {core}"], timeout=60)
                found = re.search(r"terminated with signal ([A-Z0-9?]+)", said.out + said.err)
                names = [
                    *entry.names,
                    *(other for other in ("SIGPOLL", "SIGIO") if {"SIGIO", "SIGPOLL"} & {*entry.names}),
                ]
                theirs = found[1] if found else "nothing"
                yield Said(key=str(number), ours=theirs if theirs in names else entry.names[0], theirs=theirs)

    return ask


def _core(number: int, machine: int, size: int) -> bytes:
    """Return a core file with one note, whose only content is the number of the signal."""
    wide = machine == _X86_64
    note = struct.pack("<III8s", 5, size, 1, b"CORE")
    note += bytes(12) + struct.pack("<H", number) + bytes(size - 14)
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1, 1]) + bytes(9)
    if wide:
        header = struct.pack("<HHIQQQIHHHHHH", 4, machine, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
        segment = struct.pack("<IIQQQQQQ", 4, 0, 120, 0, 0, len(note), 0, 4)
    else:
        header = struct.pack("<HHIIIIIHHHHHH", 4, machine, 1, 0, 52, 0, 0, 52, 32, 1, 0, 0, 0)
        segment = struct.pack("<IIIIIIII", 4, 84, 0, 0, len(note), 0, 0, 4)
    return ident + header + segment + note


_X86_64, _I386 = 62, 3
"""The ELF machines of the cores."""


def _glibc_ends() -> Iterator[Said]:
    ours = realtime_range(_host(), Libc.GLIBC)
    assert ours is not None
    yield Said(key="SIGRTMIN", ours=str(ours[0]), theirs=str(int(signal.SIGRTMIN)))
    yield Said(key="SIGRTMAX", ours=str(ours[1]), theirs=str(int(signal.SIGRTMAX)))


def _masks() -> Iterator[Said]:
    """Block one signal after another and read the kernel's own line about it."""
    where = _host()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    try:
        for number in where.numbers:
            # The C library refuses to block the two that it keeps for itself.
            if number in (32, 33):
                continue
            signal.pthread_sigmask(signal.SIG_SETMASK, [number])
            sets = {found.label: found for found in status_masks(_status(), "status", where)}
            blocked = [int(member) for member in sets["SigBlk"].members]
            # The kernel never blocks these two, and says so.
            wanted = [] if int(number) in (signal.SIGKILL, signal.SIGSTOP) else [int(number)]
            yield Said(key=f"SigBlk with {number}", ours=str(blocked), theirs=str(wanted))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _status() -> str:
    """Return this thread's status: the mask belongs to the thread, not to the process."""
    return Path("/proc/thread-self/status").read_text()


def _actions() -> Iterator[Said]:
    """Send each signal to a child that has no handler and see what becomes of it."""
    where = _host()
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        raise OracleMissingError("the kernel may not write a core file here (ulimit -Hc is 0)")
    with tempfile.TemporaryDirectory() as folder:
        for number in where.numbers:
            yield Said(key=str(number), ours=_action(where.action(number)), theirs=_end_of_child(number, folder))


_SEND = """
import os, signal, sys
number = int(sys.argv[1])
if number not in (signal.SIGKILL, signal.SIGSTOP, 32, 33):
    signal.signal(number, signal.SIG_DFL)
os.kill(os.getpid(), number)
"""
"""A program that takes the default action of a signal and sends it to itself; a program starts without handlers."""


def _action(action: Action | None) -> str:
    """Return our word for a default action as far as a parent can see it: to continue is to ignore here."""
    return str(Action.IGNORE if action is Action.CONTINUE else action)


def _end_of_child(number: int, folder: str) -> str:
    """Return what a signal does to a child: terminate, core, stop or ignore.

    The child is a fresh program: the C library of this one may have handlers of its own for 32 and 33 by now.
    """
    child = os.fork()
    if child == 0:
        try:
            os.chdir(folder)
            hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
            resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            os.execv(sys.executable, [sys.executable, "-S", "-c", _SEND, str(number)])
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, os.WUNTRACED)
    if os.WIFSTOPPED(status):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return str(Action.STOP)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == number:
        return str(Action.CORE if os.WCOREDUMP(status) else Action.TERMINATE)
    return str(Action.IGNORE)


def _wait_macros() -> Iterator[Said]:
    """Take every 16-bit status apart with the C library's macros."""
    where = _host()
    for status in range(0x10000):
        theirs = _by_macros(status)
        if theirs is not None:
            yield Said(key=f"{status:#06x}", ours=_by_us(status, where), theirs=theirs)


def _by_macros(status: int) -> str | None:
    """Return what the macros say, or None for a status that no child has: they answer for any number."""
    if os.WIFCONTINUED(status):
        return "continued"
    if os.WIFEXITED(status) and status & 0xFF == 0:
        return f"exited {os.WEXITSTATUS(status)}"
    if os.WIFSTOPPED(status) and 1 <= os.WSTOPSIG(status) <= 64:
        return f"stopped {os.WSTOPSIG(status)}"
    if os.WIFSIGNALED(status) and status < 0x100 and os.WTERMSIG(status) <= 64:
        return f"killed {os.WTERMSIG(status)}{' core' if os.WCOREDUMP(status) else ''}"
    return None


def _by_us(status: int, where: System) -> str:
    try:
        found = decode(status, where)
    except Error as error:
        return error.message
    match found.state:
        case State.CONTINUED:
            return "continued"
        case State.EXITED:
            return f"exited {found.code}"
        case State.STOPPED:
            return f"stopped {found.signo}"
        case State.KILLED:
            return f"killed {found.signo}"
        case State.DUMPED:
            return f"killed {found.signo} core"


COMPARISONS = (
    Comparison(id="signals-bash", judge="bash", about="names and numbers of kill -l", ask=_bash),
    Comparison(id="signals-python", judge="python", about="names and numbers of Python's signal", ask=_python),
    Comparison(id="signals-perl", judge="perl", about="names and numbers of perl", ask=_perl),
    Comparison(id="signals-gcc", judge="gcc", about="the C library's header", ask=_gcc),
    Comparison(id="signals-glibc-ends", judge="libc", about="SIGRTMIN and SIGRTMAX of glibc", ask=_glibc_ends),
    Comparison(id="signals-musl-ends", judge="musl", about="SIGRTMIN and SIGRTMAX of musl", ask=_musl),
    Comparison(id="signals-kernel-masks", judge="kernel", about="SigBlk of /proc/PID/status", ask=_masks),
    Comparison(id="signals-kernel-actions", judge="kernel", about="default actions by fork and kill", ask=_actions),
    Comparison(id="signals-wait-macros", judge="libc", about="every wait status by the C macros", ask=_wait_macros),
    Comparison(
        id="signals-gdb-x86_64",
        judge="gdb",
        about="the name of a core's signal, x86_64",
        ask=_gdb("linux-x86_64", _X86_64, 336),
    ),
    Comparison(
        id="signals-gdb-i386",
        judge="gdb",
        about="the name of a core's signal, i386",
        ask=_gdb("linux-i386", _I386, 144),
    ),
    Comparison(
        id="signals-export-c",
        judge="gcc",
        about="the exported C table, compiled and run",
        ask=_exported("c", lambda source, binary: ["gcc", "-Wall", "-Werror", "-xc", source, "-o", str(binary)]),
    ),
    Comparison(
        id="signals-export-rust",
        judge="rustc",
        about="the exported Rust table, compiled and run",
        ask=_exported("rust", lambda source, binary: ["rustc", "-Dwarnings", source, "-o", str(binary)]),
    ),
    *(
        Comparison(
            id=f"signals-headers-{arch}",
            judge=f"headers-{arch}",
            about=f"{name} against the kernel's headers",
            ask=_headers(arch, name),
        )
        for arch, name in (
            ("alpha", "linux-alpha"),
            ("mips", "linux-mips"),
            ("sparc64", "linux-sparc64"),
            ("hppa", "linux-parisc"),
            ("arm64", "linux-generic"),
            ("armhf", "linux-arm"),
        )
    ),
)
"""Our answers about signals, each set with the judge that decides it."""

KNOWN = (
    *(
        Known(
            comparison=f"signals-gdb-{arch}",
            key="16",
            theirs="?",
            date="2026-11-24",
            why="gdb 13.1 has no SIGSTKFLT among its signals",
        )
        for arch in ("x86_64", "i386")
    ),
    Known(
        comparison="signals-headers-armhf",
        key="SIGSWI",
        theirs="32",
        date="2026-11-24",
        why="a name that 32-bit ARM alone has for the first real-time signal; asm-generic has none",
    ),
)
"""Differences that were looked into, with the reason why each stays."""
