"""Variants of the paper's algorithms, one module each; being here is enough to be found."""
