"""Figures: a module each, with the Vega-Lite specification of what it draws."""
