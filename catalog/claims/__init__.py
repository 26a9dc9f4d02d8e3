"""Claims, one module a theorem: being in this folder is enough to be found."""
