"""The papers the claims come from, each once."""

from catalog.claim import Source


def bhl(theorem: str) -> Source:
    """Bartlett, Helmbold, Long: identity initialization learns positive definite targets (ICML 2018)."""
    return Source("Bartlett, Helmbold, Long 2018", theorem, "https://arxiv.org/abs/1802.06093")


def hm(theorem: str) -> Source:
    """Hardt, Ma: identity matters in deep learning (ICLR 2017)."""
    return Source("Hardt, Ma 2017", theorem, "https://arxiv.org/abs/1611.04231")


def here(statement: str) -> Source:
    """Statements of this project, beyond the papers; the claim's module proves them."""
    return Source("this project, after Bartlett, Helmbold, Long 2018", statement, "https://arxiv.org/abs/1802.06093")


def achg(theorem: str) -> Source:
    """Arora, Cohen, Golowich, Hu: a convergence analysis for deep linear neural networks (ICLR 2019)."""
    return Source("Arora, Cohen, Golowich, Hu 2019", theorem, "https://arxiv.org/abs/1810.02281")


def wwm(theorem: str) -> Source:
    """Wu, Wang, Ma: zero-asymmetric initialization for deep linear residual networks (NeurIPS 2019)."""
    return Source("Wu, Wang, Ma 2019", theorem, "https://arxiv.org/abs/1911.00645")
