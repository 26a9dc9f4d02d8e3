"""The target families, one module each; a module in this folder is found automatically."""

__all__: list[str] = []
