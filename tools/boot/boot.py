"""Make nox importable on a machine that has Python and nothing else.

The pip wheel beside this file installs what ``boot.lock`` names into ``.nox/_boot``. It is kept here because a stock
Debian or Ubuntu has a Python without pip, venv and ensurepip; because its own certificates reach a package index from a
machine that has none; and because one pinned pip behaves alike everywhere. ``--target`` is what an externally managed
Python (PEP 668) permits.
"""

import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BOOT = HERE.parents[1] / ".nox" / "_boot"
LOCK = HERE / "boot.lock"
PIP = HERE / "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"


def boot() -> None:
    """Return with the pinned nox importable, here and in the processes started from here.

    :raises SystemExit: with code 2, after one line that says why the packages cannot be installed; 130 if interrupted.
    """
    lock = LOCK.read_bytes()
    if all(f"\n{name}=={_version(name)} ".encode() in lock for name in ("nox", "virtualenv")):
        return
    folder = BOOT / hashlib.sha256(lock).hexdigest()[:16]
    if not folder.is_dir():
        try:
            _install(folder)
        except KeyboardInterrupt:
            sys.exit(130)
        except (OSError, RuntimeError) as error:
            print(f"noxfile.py: cannot install nox: {error}", file=sys.stderr)
            sys.exit(2)
    sys.path.insert(0, str(folder))
    # nox and the sessions run `python -m virtualenv`.
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _install(folder: Path) -> None:
    """Install into a folder of this process's own, then rename: an interrupted or a second first run leaves no half."""
    if hashlib.sha256(PIP.read_bytes()).hexdigest() != PIP_SHA256:
        raise RuntimeError(f"{PIP} is damaged; restore it with `git checkout -- {PIP}`")
    partial = folder.with_name(f"{folder.name}.{os.getpid()}")
    command = [sys.executable, str(PIP / "pip"), "install", "-qq", "--disable-pip-version-check", "--no-input"]
    command += ["--root-user-action=ignore", "--require-hashes", "--only-binary=:all:"]
    command += ["--target", str(partial), "-r", str(LOCK)]
    print(f"First run: installing nox into {BOOT}", file=sys.stderr)
    try:
        # A `user = true` in somebody's pip.conf contradicts --target.
        if subprocess.call(command, env={**os.environ, "PIP_USER": "0"}) != 0:
            raise RuntimeError("pip failed, see above; it needs a package index (the usual one, or PIP_INDEX_URL)")
        try:
            partial.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
