"""The ``dlr`` command and what it needs: validation, tables, plots, files."""
