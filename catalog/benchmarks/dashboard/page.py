"""Results that asv published, as one page with a table and graphs; it needs no script, server or network."""

import itertools
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template
from typing import Any

WIDTH, HEIGHT, LEFT, BOTTOM = 640, 240, 64, 24
ORDER = ("track_iterations", "time_", "timeraw_", "peakmem_", "track_bound_ratio", "track_success")
SUFFIXES = {"seconds": ((1, "s"), (1e-3, "ms"), (1e-6, "µs")), "bytes": ((1e9, " GB"), (1e6, " MB"), (1, " B"))}


@dataclass(frozen=True)
class Graph:
    """One benchmark on one machine: for each choice of parameters a line of (revision, value) points."""

    name: str
    unit: str
    lines: dict[str, list[tuple[int, float]]]


def html_page(html: Path) -> str:
    """The page for a folder that ``asv publish`` wrote.

    Parameters
    ----------
    html : Path
        Holds ``index.json``, ``regressions.json`` and ``graphs``.
    """
    index = json.loads((html / "index.json").read_text(encoding="utf-8"))
    regressed = json.loads((html / "regressions.json").read_text(encoding="utf-8"))["regressions"]
    jumps = {(path, entry, jump[1]) for entry, path, _, _, _, _, found in regressed for jump in found}
    commits = {int(revision): commit[: index["hash_length"]] for revision, commit in index["revision_to_hash"].items()}
    days = {int(r): f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d}" for r, ms in index["revision_to_date"].items()}
    labels = {revision: f"{commit} of {days[revision]}" for revision, commit in commits.items()}
    names = sorted(index["benchmarks"], key=lambda name: (_kind(name), name))
    rows, sections, missing = [], [], []
    for name in names:
        graphs = list(_graphs(html, index["benchmarks"][name]))
        missing += [] if graphs else [name]
        for number, (path, machine, graph) in enumerate(graphs):
            marked = {(entry, revision) for where, entry, revision in jumps if where == path}
            rows.append(_row(graph, machine, f"{name}-{number}", marked))
            sections.append(_section(graph, machine, f"{name}-{number}", labels, marked))
    return PAGE.substitute(
        project=escape(index["project"]),
        count=len(rows),
        commits=len(commits),
        regressions=len(jumps),
        rows="\n".join(rows),
        sections="\n".join(sections),
        missing=escape(", ".join(missing) or "none"),
    )


def _kind(name: str) -> int:
    method = name.rpartition(".")[2]
    return next((place for place, start in enumerate(ORDER) if method.startswith(start)), len(ORDER))


def _graphs(html: Path, benchmark: dict[str, Any]) -> Iterator[tuple[str, str, Graph]]:
    """Published path, machine and points of the benchmark's graphs; graphs without points are left out."""
    combinations = list(itertools.product(*benchmark["params"]))
    for path in sorted(html.glob(f"graphs/**/{benchmark['name']}.json")):
        settings = path.relative_to(html).parts
        if "summary" in settings:
            continue
        machine = next(part for part in settings if part.startswith("machine-")).removeprefix("machine-")
        lines: dict[str, list[tuple[int, float]]] = {", ".join(values): [] for values in combinations}
        for revision, values in json.loads(path.read_text(encoding="utf-8")):
            for line, value in zip(lines.values(), values if isinstance(values, list) else [values], strict=True):
                if value is not None:
                    line.append((revision, value))
        lines = {parameters: line for parameters, line in lines.items() if line}
        if lines:
            yield path.relative_to(html).as_posix(), machine, Graph(benchmark["name"], benchmark["unit"], lines)


def _text(value: float, unit: str) -> str:
    scales = SUFFIXES.get(unit, ((1, ""),))
    scale, suffix = next((pair for pair in scales if value >= pair[0]), scales[-1])
    return f"{value / scale:.4g}{suffix}" if suffix else f"{value:,.6g}"


def _change(line: list[tuple[int, float]]) -> float:
    """Relative change of the last value from the one before; 0 where there is only one."""
    return line[-1][1] / line[-2][1] - 1 if len(line) > 1 and line[-2][1] else 0.0


def _row(graph: Graph, machine: str, anchor: str, marked: set[tuple[str, int]]) -> str:
    change = max((_change(line) for line in graph.lines.values()), key=abs)
    latest = [line[-1][1] for line in graph.lines.values()]
    span = " to ".join(dict.fromkeys(_text(value, graph.unit) for value in (min(latest), max(latest))))
    verdict = f'<b class="bad">{len(marked)}</b>' if marked else "0"
    return (
        f'<tr><td><a href="#{escape(anchor)}">{escape(graph.name)}</a><td>{span}<td>{change:+.1%}<td>{verdict}'
        f"<td>{escape(graph.unit)}<td>{escape(machine)}"
    )


def _section(graph: Graph, machine: str, anchor: str, labels: dict[int, str], marked: set[tuple[str, int]]) -> str:
    """Heading, graph and legend."""
    points = [point for line in graph.lines.values() for point in line]
    revisions = sorted({revision for revision, _ in points})
    low, high = min(value for _, value in points), max(value for _, value in points)
    logarithmic = low > 0 and high / low > 20
    scale = math.log10 if logarithmic else float
    bottom, top = (scale(low), scale(high)) if logarithmic else (min(0.0, low), high)
    top = top if top > bottom else bottom + 1

    def x(revision: int) -> float:
        return LEFT + 12 + (WIDTH - LEFT - 24) * revisions.index(revision) / max(len(revisions) - 1, 1)

    def y(value: float) -> float:
        return 12 + (HEIGHT - BOTTOM - 24) * (1 - (scale(value) - bottom) / (top - bottom))

    drawn, legend = [], []
    for value in dict.fromkeys((low if logarithmic else bottom, high)):
        drawn.append(f'<path class="rule" d="M{LEFT} {y(value):.1f}H{WIDTH}"/>')
        drawn.append(f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" class="end">{_text(value, graph.unit)}</text>')
    for revision, where in {revisions[0]: "", revisions[-1]: "end"}.items():
        drawn.append(
            f'<text x="{x(revision):.1f}" y="{HEIGHT - 4}" class="{where}">{labels[revision].split()[0]}</text>'
        )
    for number, (parameters, line) in enumerate(graph.lines.items()):
        color = f"hsl({360 * number / len(graph.lines):.0f} 65% 45%)"
        track = "L".join(f"{x(revision):.1f} {y(value):.1f}" for revision, value in line)
        drawn.append(f'<path d="M{track}" fill="none" stroke="{color}" stroke-width="2"/>')
        entry = f"{graph.name}({parameters})" if parameters else graph.name
        for revision, value in line:
            bad = (entry, revision) in marked
            title = f"{parameters}: {_text(value, graph.unit)} at {labels[revision]}{', a regression' if bad else ''}"
            drawn.append(
                f'<circle cx="{x(revision):.1f}" cy="{y(value):.1f}" r="{6 if bad else 3}" fill="{color}"'
                f"{' class=bad' if bad else ''}><title>{escape(title)}</title></circle>"
            )
        legend.append(
            f'<li><i style="background:{color}"></i>{escape(parameters) or "all"}: '
            f"<b>{_text(line[-1][1], graph.unit)}</b> {_change(line):+.1%}</li>"
        )
    return (
        f'<section id="{escape(anchor)}"><h2>{escape(graph.name)}</h2><p>{escape(graph.unit)}, on {escape(machine)}'
        f'{", logarithmic" if logarithmic else ""}</p><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"{''.join(drawn)}</svg><ul>{''.join(legend)}</ul></section>"
    )


PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>$project: benchmarks</title><link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 80rem; overflow-wrap: anywhere; padding: 1rem }
h2 { font-size: 1rem; margin: 0 } p { margin: 0.2rem 0 }
.table { overflow-x: auto } table { border-collapse: collapse; margin: 1rem 0 }
th, td { overflow-wrap: normal; text-align: left; padding: 0.15rem 1rem 0.15rem 0; border-bottom: 1px solid #8884 }
td:first-child { min-width: 11rem; overflow-wrap: anywhere }
.graphs { display: grid; gap: 2rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 30rem), 1fr)) }
section { min-width: 0 } svg { width: 100%; height: auto }
text { font-size: 12px; fill: currentColor } text.end { text-anchor: end }
.rule { stroke: #8886 } circle.bad { stroke: #d00; stroke-width: 3 } b.bad { color: #d00 }
ul { list-style: none; margin: 0; padding: 0; font-size: 0.85rem; columns: 15rem }
i { display: inline-block; width: 0.8rem; height: 0.8rem; margin-right: 0.4rem }
</style></head><body>
<h1>$project: benchmarks</h1>
<p>Graphs: $count. Commits: $commits. Regressions: $regressions, circled in red. Point at a dot for its commit and
value. Change is that of the last commit measured, the largest of all parameters.</p>
<div class="table"><table>
<thead><tr><th>Benchmark<th>Latest<th>Change<th>Regressions<th>Unit<th>Machine</thead>
<tbody>
$rows
</tbody></table></div>
<div class="graphs">
$sections
</div>
<p>Without results: $missing.</p>
<p><a href="index.html">The same data in asv's own pages</a>, which need a network.</p>
</body></html>
""")
