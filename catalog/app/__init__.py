"""The ``dlr`` command and what it needs: validation, tables, plots, files."""

__all__: list[str] = []
