"""Target families, one module each: being in this folder is enough to be found."""
