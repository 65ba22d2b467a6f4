"""Features of pictures of one's own in a file, and who in it looks like somebody."""
