"""Measure the last commits, publish, and serve the graphs: ``python -m catalog.benchmarks.dashboard [N]``.

asv's own pages load their scripts from other hosts and stay blank without a network, so the published data is also
written as one page that needs nothing: ``.asv/html/dashboard.html``.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

from .page import html_page

PAGE = Path(".asv/html/dashboard.html")


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
    if find_spec("asv") is None:
        parser.error("asv is not installed: pip install --editable '.[bench]'")
    if options.commits < 0:
        parser.error(f"N must be at least 0, got {options.commits}")
    try:
        if options.commits:
            measure(options.commits, options.machine)
        publish()
    except subprocess.CalledProcessError as error:
        print(f"failed: {' '.join(error.cmd)}", file=sys.stderr)
        return 1
    print(f"wrote {PAGE}")
    if not options.no_serve:
        try:
            site = server(options.port)
        except OSError as error:
            parser.error(f"port {options.port} can't be served ({error.strerror}): choose another with --port")
        print(f"serving http://127.0.0.1:{site.server_port}/{PAGE.name}, Ctrl-C stops", flush=True)
        with site, suppress(KeyboardInterrupt):
            site.serve_forever()
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


def publish() -> None:
    """Publish all results and write the page."""
    subprocess.run([sys.executable, "-m", "asv", "publish"], check=True)
    PAGE.write_text(html_page(PAGE.parent), encoding="utf-8")


def server(port: int) -> ThreadingHTTPServer:
    """Serves the published pages, to this computer alone; port 0 takes a free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), partial(SimpleHTTPRequestHandler, directory=PAGE.parent))


if __name__ == "__main__":
    sys.exit(main())
