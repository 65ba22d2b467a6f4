"""Drawing people at random: what they look like, wear, carry and how they walk."""
