"""What makes the crops of two sets look different: ours, somebody's data set, or any pictures."""

CROPS = 1500
"""How many crops of either side are looked at if nobody says."""
