"""What crops look like, in figures, and how far the looks of two sets lie apart."""
