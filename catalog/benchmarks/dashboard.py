"""Measure the last commits, publish, and serve the graphs: ``python -m catalog.benchmarks.dashboard [N]``.

asv's own pages load their scripts from other hosts and stay blank without a network, so the published data is also
written as one page that needs nothing: ``.asv/html/dashboard.html``.
"""

import argparse
import platform
import re
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
    parser.add_argument("--every", type=int, default=0, metavar="K", help="and each K-th commit, counted from the first")
    parser.add_argument("--bench", default=".", metavar="REGEX", help="measure only benchmarks of such names")
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
        if options.commits or options.every:
            measure(chosen(options.commits, options.every), options.machine, options.bench)
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


def measure(commits: Sequence[str], machine: str, benchmarks: str) -> None:
    """Run the benchmarks that have no results yet on these commits, so that a run that was stopped goes on.

    A commit that can't be built, or a benchmark that fails on one, leaves a gap, which asv reports.

    Parameters
    ----------
    commits : sequence of str
        Hashes.
    machine : str
        Name to keep the results under.
    benchmarks : str
        Regular expression for the names of the benchmarks.
    """
    from asv.machine import Machine, MachineCollection

    system = re.sub(r"(\d+\.\d+)\S*", r"\1", f"{platform.system()} {platform.release()}")
    MachineCollection.save(machine, {**Machine.get_defaults(), "os": system, "machine": machine})
    options = ["--machine", machine, "--skip-existing", "--bench", benchmarks]
    run = [sys.executable, "-m", "asv", "run", *options, "HASHFILE:-"]
    subprocess.run(run, input="\n".join(commits), text=True)


def chosen(last: int, every: int) -> list[str]:
    """Hashes on the main line, newest first: the last ones, and each whose number from the first `every` divides."""
    listed = subprocess.run(["git", "rev-list", "--first-parent", "HEAD"], check=True, capture_output=True, text=True)
    line = listed.stdout.split()
    return [commit for place, commit in enumerate(line) if place < last or every and (len(line) - place) % every == 0]


def publish() -> None:
    """Publish all results and write the page."""
    subprocess.run([sys.executable, "-m", "asv", "publish"], check=True)
    PAGE.write_text(html_page(PAGE.parent), encoding="utf-8")


def server(port: int) -> ThreadingHTTPServer:
    """Serves the published pages, to this computer alone; port 0 takes a free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), partial(SimpleHTTPRequestHandler, directory=PAGE.parent))


if __name__ == "__main__":
    sys.exit(main())
