# /// script
# requires-python = ">=3.11"
# dependencies = ["nox==2026.10.20", "virtualenv==21.15.11"]
# ///
"""The sessions: ``python3 noxfile.py`` builds and checks the site, ``python3 noxfile.py -l`` lists the others.

Python 3.11 or newer is all a machine needs; ``nox``, ``uv run noxfile.py`` and ``pipx run noxfile.py`` work as well.
The sessions share one environment, which holds exactly what ``requirements.lock`` says and the project in place.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - an old Python says so here; this file must parse on it, the rest need not
    sys.stderr.write("noxfile.py: Python 3.11 or newer is needed, this is {}.{}.{}\n".format(*sys.version_info))
    sys.exit(2)

import contextlib
import hashlib
import os
import runpy
import shutil
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
if __name__ == "__main__":
    runpy.run_path(str(ROOT / "tools" / "boot" / "boot.py"))["boot"]()

import nox

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["docs"]
nox.options.default_venv_backend = "none"

VENV = ROOT / ".nox" / "python{}.{}".format(*sys.version_info)
BIN = VENV / ("Scripts" if sys.platform == "win32" else "bin")
PYTHON = str(BIN / "python")
UV = "uv==0.13.9"
JUDGES = ["unicorn==2.1.4", "capstone==5.0.9"]


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site and the manual pages with warnings as errors, and check what was built."""
    install(session)
    run(session, "sphinx", *sphinx("html"))
    before = built()
    run(session, "sphinx", "-q", *sphinx("html"))
    changed = sorted({str(path.relative_to(ROOT)) for path, _ in before ^ built()})
    if changed:
        session.error(f"a second build with nothing changed made these anew: {', '.join(changed)}")
    run(session, "sphinx", "-q", *sphinx("man"))
    session.run(PYTHON, "tools/check_site.py", "build/html")
    print(f"\nThe site: {ROOT / 'build' / 'html' / 'index.html'}\nTo serve it: python3 noxfile.py -s serve")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests that need nothing but the lock: unit, property and site."""
    install(session)
    run(session, "pytest", "-rs", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, format, types and who imports whom."""
    install(session)
    run(session, "ruff", "check")
    run(session, "ruff", "format", "--check")
    run(session, "mypy")
    session.run(str(BIN / "lint-imports"), "--no-logo")


@nox.session
def oracle(session: nox.Session) -> None:
    """Ask the judges that this machine has; an absent one is a skip that says so."""
    install(session)
    # Judges from the package index have a folder of their own: nothing but this session may import them.
    folder = str(VENV.with_name(VENV.name + "-judges"))
    wanted = ["pip", "install", "-qq", "--upgrade", "--target", folder, *JUDGES]
    session.run(PYTHON, "-m", *wanted, success_codes=range(256))
    session.env["PYTHONPATH"] = folder
    run(session, "pytest", "-m", "oracle", "-rs", *(session.posargs or ["tests/oracle"]))


@nox.session
def browser(session: nox.Session) -> None:
    """Look at the site in a headless browser."""
    if not (ROOT / "tests" / "browser").is_dir():
        print("There are no browser tests yet.")
        return
    install(session)
    run(session, "pytest", "-m", "browser", "-rs", *(session.posargs or ["tests/browser"]))


@nox.session
def bench(session: nox.Session) -> None:
    """Measure: ``python3 noxfile.py -s bench -- SUBJECT``."""
    install(session)
    run(session, "tools.bench", *session.posargs)


@nox.session
def serve(session: nox.Session) -> None:
    """Serve the built site on this machine: ``-- --port 8000`` chooses the port."""
    session.run(sys.executable, "tools/serve.py", *session.posargs)


@nox.session(venv_backend="virtualenv")
def lock(session: nox.Session) -> None:
    """Write the lock files anew; what they hold stays as it is unless ``-- --upgrade`` is given."""
    session.env["PYTHONPATH"] = ""
    session.install(UV)
    compile_ = ["uv", "pip", "compile", "--universal", "--python-version=3.11", "--generate-hashes", "--no-header"]
    compile_ += ["--quiet", "--no-annotate", *session.posargs]
    session.run(*compile_, "--extra=tests", "--extra=lint", "pyproject.toml", "--output-file=requirements.lock")
    pins = Path(session.create_tmp(), "boot.in")
    pins.write_text("\n".join(nox.project.load_toml("noxfile.py")["dependencies"]))
    session.run(*compile_, str(pins), "--output-file=tools/boot/boot.lock")


def sphinx(builder: str) -> list[str]:
    """Return the arguments of a build; the builders share what was read."""
    return ["-b", builder, "-n", "-W", "--keep-going", "-c", ".", "-d", "build/doctrees", "docs", f"build/{builder}"]


def built() -> set[tuple[Path, str]]:
    """Return what a build with nothing changed must leave: the bytes of the site, and when a page was read and written.

    Sphinx writes its indices and its style sheets anew each time, so that their times say nothing.
    """
    html, doctrees = ROOT / "build" / "html", ROOT / "build" / "doctrees"
    names = [path.relative_to(ROOT / "docs").with_suffix("") for path in (ROOT / "docs").rglob("*.md")]
    timed = [html / f"{name}.html" for name in names] + [doctrees / f"{name}.doctree" for name in names]
    times = {(path, str(path.stat().st_mtime_ns)) for path in timed if path.exists()}
    return times | {(path, hashlib.sha256(path.read_bytes()).hexdigest()) for path in html.rglob("*") if path.is_file()}


def run(session: nox.Session, module: str, *args: str) -> None:
    """Run a tool of the shared environment."""
    session.run(PYTHON, "-m", module, *args)


def install(session: nox.Session) -> None:
    """Make the shared environment hold the lock and the project; an unfinished or an outdated one is made anew."""
    # The packages of the bootstrap stay out of the environment, and its scripts are found first.
    paths = {"PYTHONPATH": None, "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]), "VIRTUAL_ENV": str(VENV)}
    inputs = ["requirements.lock", "pyproject.toml", "src/heliograph/__init__.py"]
    wanted = hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in inputs)).hexdigest()
    stamp = VENV / "heliograph.stamp"
    with alone(VENV.with_name(VENV.name + ".lock")):
        if not (stamp.exists() and stamp.read_text() == wanted):
            shutil.rmtree(VENV, ignore_errors=True)
            session.run(sys.executable, "-m", "virtualenv", "--quiet", "--no-periodic-update", str(VENV))
            session.env.update(paths)
            run(session, "pip", "install", "-qq", "--require-hashes", "-r", "requirements.lock")
            run(session, "pip", "install", "-qq", "--no-deps", "--no-build-isolation", "-e", ".")
            run(session, "pip", "check")
            stamp.write_text(wanted)
    session.env.update(paths)


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let one run at a time prepare the environment, where the system has such locks; a killed run's lock is gone."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.argv[1:1] = ["--noxfile", str(ROOT / "noxfile.py")]
    nox.main()
