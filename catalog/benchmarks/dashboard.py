"""Measure the last commits, publish, and serve the graphs: ``python -m catalog.benchmarks.dashboard [N]``.

asv's own pages load their scripts from other hosts and stay blank without a network, so the published data is also
written as one page that needs nothing: ``.asv/html/dashboard.html``.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from .page import page

HTML = Path(".asv/html")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command from the root of a checkout; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m catalog.benchmarks.dashboard")
    parser.add_argument("commits", nargs="?", type=int, default=0, metavar="N", help="first measure the last N commits")
    parser.add_argument("--machine", default="here", help="name to keep new results under (default: here)")
    parser.add_argument("--port", type=int, default=8080, help="on this computer (default: 8080)")
    parser.add_argument("--no-serve", action="store_true", help="only write the page")
    options = parser.parse_args(arguments)
    if not Path("asv.conf.json").exists():
        parser.error("no asv.conf.json here: run from the root of a checkout")
    if options.commits:
        measure(options.commits, options.machine)
    published = publish()
    print(f"wrote {published}")
    if not options.no_serve:
        serve(options.port)
    return 0


def measure(commits: int, machine: str) -> None:
    """Run the benchmarks that have no results yet on the last commits of the main line.

    A commit that can't be built, or a benchmark that fails on one, leaves a gap, which asv reports.
    """
    last = ["git", "rev-list", "--first-parent", f"--max-count={commits}", "HEAD"]
    hashes = subprocess.run(last, check=True, capture_output=True, text=True).stdout
    asv = [sys.executable, "-m", "asv"]
    subprocess.run([*asv, "machine", "--yes", "--machine", machine], check=True)
    subprocess.run([*asv, "run", "--machine", machine, "--skip-existing", "HASHFILE:-"], input=hashes, text=True)


def publish() -> Path:
    """Publish all results; returns the page."""
    subprocess.run([sys.executable, "-m", "asv", "publish"], check=True)
    written = HTML / "dashboard.html"
    written.write_text(page(HTML), encoding="utf-8")
    return written


def serve(port: int) -> None:
    """Serve the published pages on this computer alone, until interrupted."""
    with ThreadingHTTPServer(("127.0.0.1", port), partial(SimpleHTTPRequestHandler, directory=HTML)) as server:
        print(f"serving http://127.0.0.1:{server.server_port}/dashboard.html, Ctrl-C stops", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    sys.exit(main())
