"""Tiles of cloth: drawn by ourselves or cut from the user's pictures."""
