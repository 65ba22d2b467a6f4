"""What seats of scenes and the people who sit on them agree on. Metres.

A seat's place is the ground below the middle of its front edge; who sits there has that root.
"""

SEAT_HEIGHT = 0.467
"""From the ground to what one sits on."""

SEAT_DEPTH = 0.415
"""From a seat's place to what is behind somebody who sits there."""
