"""The phases before a signal is sent, and those from the handler back to the interrupted instruction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from heliograph.signals.tables.delivery import SIZES, Path
from heliograph.signals.translate.thread import Installed, Phase, Setup, State

__all__ = ["NATIVE_STACK", "PHASES", "first_phase", "installed"]

NATIVE_STACK = 0xFEC00000
"""Where the brand of 2019 keeps a thread's native stack in the example; the Linux stack is another one."""

_END = ""


def first_phase(setup: Setup, path: Path) -> str:
    """Return where a run starts: with the preparations if they are shown, else with the signal."""
    if setup.home and path.interposer and setup.interposer and setup.calls:
        return "sigaction" if setup.late else "setsigacthandler"
    return "kill" if path.brand else "kernel"


def installed(setup: Setup, path: Path) -> Installed:
    """Return what libc knows before a run; a run that shows the preparations starts with libc's own handler."""
    if first_phase(setup, path) in ("setsigacthandler", "sigaction"):
        return Installed()
    if path.interposer and setup.interposer and setup.calls:
        return Installed(current=path.interposer, entry=path.interposer)
    return Installed()


def _set(setup: Setup, path: Path, state: State) -> State:
    """Put the brand's routine in the place of libc's; the old pointer goes back to the caller."""
    known = replace(state.installed, current=path.interposer, jumps_to=state.installed.current)
    second = setup.calls == 2 and state.installed.current == "sigacthandler"
    after = "kill" if setup.late else "sigaction"
    return replace(
        state,
        phase="setsigacthandler_again" if second else after,
        installed=known,
        note=f"the old one was {state.installed.current}; later sigactions install {path.interposer}",
    )


def _set_again(setup: Setup, path: Path, state: State) -> State:
    known = replace(state.installed, jumps_to=state.installed.current)
    return replace(
        state,
        phase="kill" if setup.late else "sigaction",
        installed=known,
        note=f"the old one was {state.installed.current}: {path.interposer} will jump to itself",
    )


def _register(setup: Setup, _path: Path, state: State) -> State:
    """Give the kernel the routine that is current now; a later setsigacthandler does not change it."""
    known = replace(state.installed, entry=state.installed.current)
    after = "setsigacthandler" if setup.late else "thread_create" if setup.new_thread else "kill"
    return replace(state, phase=after, installed=known, note=f"the kernel will enter {known.entry}")


def _create(_setup: Setup, _path: Path, state: State) -> State:
    return replace(state, phase="kill", note="the new thread has the same: the pointer is the process'")


def _defer(_setup: Setup, _path: Path, state: State) -> State:
    """Remember the signal, go back to the critical region with everything blocked."""
    frame = state.frames[-1]
    return replace(
        state,
        phase="leave_critical",
        deferred=state.number,
        frames=state.frames[:-1],
        sp=frame.sp,
        gs=frame.gs,
        note="all signals blocked until the region is left",
    )


def _leave(_setup: Setup, _path: Path, state: State) -> State:
    """Leave the region: the mask of before counts, and the kernel is asked for the signal again."""
    return replace(state, phase="kernel", critical=False, deferred=0, note="sent again, with the mask of before")


def _return(_setup: Setup, path: Path, state: State) -> State:
    """Return from the handler: into libc, or into the trampoline that the frame's first word names."""
    if not path.brand:
        return replace(state, phase="call_user_handler_back")
    return replace(state, phase="trampoline", sp=state.sp + 4, note="ret takes the first word of the frame")


def _trampoline(setup: Setup, path: Path, state: State) -> State:
    """Run the two or three instructions that call sigreturn; the old form pops the signal number first."""
    if setup.siginfo:
        after = "lx_rt_sigreturn" if path.jumper else "brand_syscall"
        return replace(state, phase=after, note="mov $173,%eax; int $0x80")
    after = "lx_sigreturn_old" if path.jumper else "brand_syscall"
    return replace(state, phase=after, sp=state.sp + 4, note="pop %eax; mov $119,%eax; int $0x80")


def _brand_syscall(_setup: Setup, _path: Path, state: State) -> State:
    return replace(state, phase="lx_sigreturn", gs="solaris", note="%gs: Linux' saved, Solaris' loaded")


def _sigreturn(setup: Setup, _path: Path, state: State) -> State:
    """Find the frame below the stack pointer, look at the magic word behind it, take registers and mask back."""
    frame = state.frames[-1]
    distance = 4 if setup.siginfo else 8
    assert state.sp - distance == frame.linux, "the trampoline has left the stack where sigreturn looks for the frame"
    if not setup.magic:
        return replace(state, phase="bad_frame")
    return replace(
        state,
        phase="lx_sigreturn_tolibc",
        sp=frame.linux,
        note=f"frame = sp - {distance}; deadf00d at frame + {frame.size}",
    )


def _tolibc(_setup: Setup, path: Path, state: State) -> State:
    """Make libc believe that its handler returned: the stack is as lx_call_user_handler left it."""
    frame = state.frames[-1]
    return replace(state, phase="call_user_handler_back", sp=frame.linux + frame.size + SIZES[path.name].record)


def _rt_sigreturn(setup: Setup, _path: Path, state: State) -> State:
    """Go to the native context of the record; without its magic, to the one that the thread keeps aside."""
    note = "the record behind the frame is used" if setup.magic else "no magic: the thread's own sigbackup is used"
    return replace(state, phase="lx_sigdeliver_back", gs="solaris", sp=state.frames[-1].native, note=note)


def _deliver_back(_setup: Setup, _path: Path, state: State) -> State:
    return replace(state, phase="call_user_handler_back")


def _libc_back(_setup: Setup, _path: Path, state: State) -> State:
    return replace(state, phase="setcontext", number=state.frames[-1].number, numbering="native")


def _setcontext(_setup: Setup, _path: Path, state: State) -> State:
    """Restore what was interrupted: stack pointer, %gs as it was there, mask; then whatever the mask now lets in."""
    frame = state.frames[-1]
    after = replace(state, frames=state.frames[:-1], sp=frame.sp, gs=frame.gs, mask=frame.mask)
    ready = sorted(after.pending - after.mask)
    if ready:
        return replace(
            after,
            phase="kernel",
            number=ready[0],
            pending=after.pending - {ready[0]},
            note=f"{ready[0]} was pending and is open now",
        )
    if after.frames:
        outer = after.frames[-1]
        numbering = "linux" if outer.linux else "native"
        return replace(after, phase="return", number=outer.shown, numbering=numbering, note="back in the outer handler")
    return replace(after, phase="interrupted")


def _end(_setup: Setup, _path: Path, state: State) -> State:
    return replace(state, phase=_END)


PHASES: Mapping[str, Phase] = {
    "setsigacthandler": _set,
    "setsigacthandler_again": _set_again,
    "sigaction": _register,
    "thread_create": _create,
    "defer": _defer,
    "leave_critical": _leave,
    "return": _return,
    "trampoline": _trampoline,
    "brand_syscall": _brand_syscall,
    "lx_sigreturn": _sigreturn,
    "lx_sigreturn_tolibc": _tolibc,
    "lx_rt_sigreturn": _rt_sigreturn,
    "lx_sigreturn_old": _rt_sigreturn,
    "lx_sigdeliver_back": _deliver_back,
    "call_user_handler_back": _libc_back,
    "setcontext": _setcontext,
    "interrupted": _end,
    "bad_frame": _end,
}
"""Who acts next before a signal and after its handler, by the name of the phase."""
