"""Garments on a body: templates, cuts, drape, layers and what is sewn on them."""
