"""Serve the built site to this machine alone: ``python tools/serve.py [--port 8000] [folder]``."""

import argparse
import functools
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SITE = Path(__file__).resolve().parents[1] / "build" / "html"


class Handler(SimpleHTTPRequestHandler):
    """Files with the types that a browser insists on, whatever this system's own list of types says."""

    extensions_map = {  # noqa: RUF012 - the base class declares it an instance variable
        **SimpleHTTPRequestHandler.extensions_map,
        ".css": "text/css; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".mjs": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
        ".txt": "text/plain; charset=utf-8",
        ".wasm": "application/wasm",
        ".whl": "application/zip",
    }

    def end_headers(self) -> None:
        """Let no browser keep a page of an earlier build."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()


def main() -> int:
    """Serve until interrupted; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="0 lets the system choose (default: 8000)")
    parser.add_argument("folder", nargs="?", type=Path, default=SITE, help="what to serve (default: build/html)")
    options = parser.parse_args()
    if not (options.folder / "index.html").is_file():
        print(f"{options.folder} holds no site: build it with `python3 noxfile.py`", file=sys.stderr)
        return 2
    try:
        server = ThreadingHTTPServer(
            ("127.0.0.1", options.port), functools.partial(Handler, directory=str(options.folder))
        )
    except OSError as error:
        print(f"port {options.port}: {error.strerror}; choose another with --port", file=sys.stderr)
        return 2
    with server:
        print(f"http://127.0.0.1:{server.server_port}/ (Ctrl-C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
