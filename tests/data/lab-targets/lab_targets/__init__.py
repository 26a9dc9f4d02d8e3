"""A worked example of a package that extends the catalog from outside."""
