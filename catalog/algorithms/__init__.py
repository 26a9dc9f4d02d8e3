"""Variants of the paper's algorithms, one module each; a module in this folder is found automatically."""

__all__: list[str] = []
