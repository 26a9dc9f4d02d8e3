"""Measures the page of the report: time to write it, beside the time of the checks, and its size."""

import time
from typing import Any

from dlr import InputError


class Page:
    """The page of every claim on every target."""

    version = "2"
    timeout = 300
    timer = time.process_time

    def setup_cache(self) -> Any:
        """The checks, made once; None where the commit has no report, or its libraries are missing."""
        try:
            from catalog import registry
            from catalog.app.report.page import Findings, require_libraries
            from catalog.app.validate import checked, tasks_for

            require_libraries()
        except (ImportError, InputError):
            return None
        claims, targets = list(registry.all_claims().values()), registry.targets()
        records = list(checked(tasks_for(claims, targets)))
        return Findings([], [], records)

    def setup(self, found: Any) -> None:
        """See that there is a report."""
        if found is None:
            raise NotImplementedError("no report here")

    def time_page(self, found: Any) -> None:
        """Time to write the page, the checks apart."""
        self._written(found)

    def track_page_bytes(self, found: Any) -> int:
        """Its size."""
        return len(self._written(found).encode())

    def _written(self, found: Any) -> str:
        from dataclasses import replace

        from catalog import registry
        from catalog.app.report import near_saddle, page, plane_data

        plane_data.phase.cache_clear()
        near_saddle.escape.cache_clear()
        everything = {"claims": list(registry.all_claims().values()), "targets": registry.targets()}
        return page.html(replace(found, **everything))


Page.track_page_bytes.unit = "bytes"  # type: ignore[attr-defined]
