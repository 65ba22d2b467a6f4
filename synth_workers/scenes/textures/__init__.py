"""Painters of texture layers: each a pure function of a random generator.

A layer is (512, 512, 3) float, 0..255, and repeats without a seam.
"""
