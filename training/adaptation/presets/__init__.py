"""Shipped adaptation settings."""
