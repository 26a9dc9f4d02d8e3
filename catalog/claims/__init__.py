"""The claims, one module for each theorem; a module in this folder is found automatically."""

__all__: list[str] = []
