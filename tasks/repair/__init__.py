"""Puts a stored data set right: finds what is damaged or gone, and makes exactly that anew."""
