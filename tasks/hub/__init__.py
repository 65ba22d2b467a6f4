"""Data sets and models as folders in the layout that the Hugging Face hub expects; nothing is
uploaded."""
