"""What seats of scenes and the people who sit on them agree on. Metres.

A seat's place is the ground below the middle of its front edge; who sits there has that root.
"""

SEAT_HEIGHT = 0.467
"""From the ground to what one sits on."""

SEAT_DEPTH = 0.415
"""From a seat's place to what is behind somebody who sits there."""

STANDS_AHEAD = 0.12
"""From a seat's place to the root of somebody who has got up from it, or is about to sit down."""

STANDING, SITTING = 1, 2
"""How somebody is on a seat: before it, about to sit down or risen; or on it."""
