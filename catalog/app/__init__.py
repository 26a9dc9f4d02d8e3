"""What is done with the catalog: validate, tables, the ``dlr`` command."""
