"""The report: everything that was claimed, checked and observed, as one page without a network."""
