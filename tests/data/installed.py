"""Run away from the clone whose root is the argument: the installed packages hold each of its files, and no others."""

import subprocess
import sys
from pathlib import Path

import catalog
import dlr

root = Path(sys.argv[1]).resolve()
listed = subprocess.run(
    ["git", "ls-files", "catalog", "dlr"], cwd=root, capture_output=True, encoding="utf-8", check=True
)
tracked = set(listed.stdout.splitlines())
site = Path(dlr.__file__).parents[1]
assert root not in site.parents or ".nox" in site.parts, f"{site} is the clone"
assert Path(catalog.__file__).parents[1] == site
installed = {
    file.relative_to(site).as_posix()
    for package in ("catalog", "dlr")
    for file in (site / package).rglob("*")
    if file.is_file() and file.parent.name != "__pycache__"
}
assert installed == tracked, sorted(installed ^ tracked)
changed = [name for name in sorted(tracked) if (site / name).read_bytes() != (root / name).read_bytes()]
assert not changed, changed
print(f"{len(installed)} files as in the clone, version {dlr.__version__}")
