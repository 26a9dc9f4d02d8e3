"""The command: measures commits, compares two of them, or publishes and serves all results."""

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

from catalog.files import to_json
from dlr import InputError

from . import comparison, notes
from .history import Commit, Configuration, read_history
from .judgement import Thresholds

PAGE = Path(".asv/html/dashboard.html")
REFERENCE = "reference"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command from the root of a checkout.

    Returns
    -------
    int
        0; 1 where something failed, or ``--compare`` finds something worse without a note in the changelog.
    """
    parser = argument_parser()
    options = parser.parse_args(arguments)
    if not Path("asv.conf.json").exists():
        parser.error("no asv.conf.json here: run from the root of a checkout")
    if find_spec("asv") is None:
        parser.error("asv is not installed: pip install --editable '.[bench]'")
    for name, value in (("N", options.commits), ("--every", options.every)):
        if value < 0:
            parser.error(f"{name} must be at least 0, got {value}")
    try:
        if options.compare:
            before, after = options.compare
            return compare(before, after, options.machine or REFERENCE, options.reference, options.json)
        if options.commits or options.every or options.also:
            commits = chosen(options.commits, options.every, options.also)
            measure(commits, options.machine or "here", options.bench)
        publish()
    except subprocess.CalledProcessError as error:
        print(f"failed: {' '.join(error.cmd)}", file=sys.stderr)
        return 1
    except InputError as error:
        parser.error(str(error))
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


def argument_parser() -> argparse.ArgumentParser:
    """What the command takes."""
    parser = argparse.ArgumentParser(
        prog="python -m catalog.benchmarks.dashboard",
        description="Publish and serve what was measured, after measuring commits if asked to; or compare two commits.",
    )
    add = parser.add_argument
    add("commits", nargs="?", type=int, default=0, metavar="N", help="first measure the last N commits")
    add("--every", type=int, default=0, metavar="K", help="and each K-th commit, counted from the first")
    add("--also", action="append", default=[], metavar="COMMIT", help="and this one; can be repeated")
    add("--bench", default=".", metavar="REGEX", help="measure only benchmarks of such names")
    add("--machine", help="name to keep new results under (default: here), or whose results --compare takes")
    add(
        "--compare",
        nargs=2,
        metavar=("A", "B"),
        help="say what is slower at commit B; or oldest, newest; both measured",
    )
    add("--reference", help="machine of commit A, if another: then only counts are compared")
    add("--json", action="store_true", help="print the comparison as JSON")
    add("--port", type=int, default=8080, help="on this computer (default: 8080)")
    add("--no-serve", action="store_true", help="only write the page")
    return parser


def compare(before: str, after: str, machine: str, reference: str | None, as_json: bool) -> int:
    """Print what is worse and better at a commit than at an older one; 1 where something worse has no note.

    Raises
    ------
    InputError
        If a commit or a machine is not known, or nothing was measured at both.
    """
    root = Path()
    history = read_history(root)
    thresholds = Thresholds.read(root)
    changelog = notes.CHANGELOG.read_text(encoding="utf-8") if notes.CHANGELOG.exists() else ""
    accepted = notes.read_notes(changelog)
    one = history.of_machine(machine)
    other = one if reference in (None, machine) else history.of_machine(str(reference))
    first, last = named(before, history.commits, other), named(after, history.commits, one)
    if other is one:
        if first.place >= last.place:
            raise InputError(f"commit A must be older than B, got {first.short} and {last.short}: swap them")
        compared = comparison.between(one, history.commits, first, last, thresholds, accepted)
    else:
        compared = comparison.across(other, one, first, last, thresholds, accepted)
    if not compared.rows:
        raise InputError(f"nothing was measured at both {first.short} and {last.short}: measure, or choose others")
    print(to_json(comparison.record(compared)).rstrip() if as_json else comparison.text(compared))
    return 1 if compared.unnoted else 0


def named(name: str, commits: Sequence[Commit], configuration: Configuration) -> Commit:
    """The commit that a name of git's stands for, or the oldest or newest one measured.

    Raises
    ------
    InputError
        If there is no such commit, HEAD does not descend from it, or it has no results.
    """
    measured = {"oldest": configuration.commits[0], "newest": configuration.commits[-1]}
    if name in measured:
        return measured[name]
    found = hash_of(name)
    commit = next((one for one in commits if one.hash == found), None)
    if commit is None:
        raise InputError(f"commit must be one that leads to HEAD, oldest or newest, got {name!r}")
    if commit not in configuration.commits:
        before = [one.short for one in configuration.commits if one.place < commit.place]
        instead = (
            f"the newest one before it that has, {before[-1]}" if before else f"oldest, {measured['oldest'].short}"
        )
        asked = f"{name} ({commit.short})" if name != commit.hash else commit.short
        raise InputError(f"{asked} has no results on machine {configuration.machine}: measure it, or take {instead}")
    return commit


def hash_of(name: str) -> str:
    """The hash that a name of git's stands for.

    Raises
    ------
    InputError
        If there is no such commit.
    """
    command = ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"]
    found = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    if not found:
        raise InputError(f"commit must be a name that git knows, got {name!r}")
    return found


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
    done = subprocess.run(run, input="\n".join(commits), text=True)
    if done.returncode not in (0, 2):  # 2: some benchmark failed
        raise subprocess.CalledProcessError(done.returncode, run)


def chosen(last: int, every: int, also: Sequence[str] = ()) -> list[str]:
    """Hashes on the main line, newest first: the last ones, each whose number from the first `every` divides, others.

    Raises
    ------
    InputError
        If one of the others is not a commit.
    """
    listed = subprocess.run(["git", "rev-list", "--first-parent", "HEAD"], check=True, capture_output=True, text=True)
    line = listed.stdout.split()
    numbered = [(len(line) - place, commit) for place, commit in enumerate(line)]
    found = [commit for number, commit in numbered if number > len(line) - last or (every and number % every == 0)]
    return list(dict.fromkeys([*found, *(hash_of(name) for name in also)]))


def publish() -> None:
    """Publish all results and write the page; asv's own pages without their scripts from other hosts."""
    from .page import html_page

    subprocess.run([sys.executable, "-m", "asv", "publish"], check=True)
    if find_spec("asv_tachyon") is not None:
        pages = ["asv_tachyon", "install", "--no-backup", str(PAGE.parent)]
        subprocess.run([sys.executable, "-m", *pages], check=True, stdout=subprocess.DEVNULL)
    PAGE.write_text(html_page(Path()), encoding="utf-8")


def server(port: int) -> ThreadingHTTPServer:
    """Serves the published pages, to this computer alone; port 0 takes a free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), partial(SimpleHTTPRequestHandler, directory=PAGE.parent))
