"""The names a recipe may use when it fixes, weighs or excludes how people look and move.

Plain tuples, so that a recipe can be checked without anything that makes pixels.
"""

from __future__ import annotations

EVERYTHING_ELSE = "*"
"""In a table of factors: all names that are not listed."""

GENDERS: tuple[str, ...] = ("female", "male")

AGES: tuple[str, ...] = ("child", "adult", "senior")
"""8 to 15, 18 to 55 and 55 to 82 years."""

ANCESTRIES: tuple[str, ...] = ("african", "asian", "caucasian")

ACCESSORIES: tuple[str, ...] = (
    "backpack", "handbag", "tote", "crossbody", "suitcase", "shopping_bag", "umbrella", "cap",
    "beanie", "bucket_hat", "sun_hat", "hood", "glasses", "sunglasses", "mask", "scarf",
    "headphones", "earphones", "phone",
)  # fmt: skip

HAIR_STYLES: tuple[str, ...] = (
    "bald", "crew", "short", "side_part", "quiff", "curly", "afro", "receding", "bob", "shoulder",
    "long", "bun", "ponytail", "braid", "pigtails", "pixie",
)  # fmt: skip

HAIR_COLOURS: tuple[str, ...] = (
    "black", "soft_black", "dark_brown", "brown", "light_brown", "dark_blond", "blond", "auburn",
    "grey", "silver",
)  # fmt: skip

GARMENTS: tuple[str, ...] = (
    "tee", "v_tee", "loose_tee", "tank", "crop_tee", "boat_top", "long_sleeve", "turtleneck",
    "shirt", "short_shirt", "polo", "blouse", "tunic", "sweatshirt", "hoodie", "sweater",
    "chunky_sweater",
    "jacket", "bomber", "denim_jacket", "leather_jacket", "blazer", "puffer", "long_puffer",
    "puffer_vest", "vest", "zip_hoodie", "windbreaker", "cardigan", "long_cardigan", "coat",
    "open_coat", "parka", "trench",
    "trousers", "chinos", "jeans", "slim_jeans", "leggings", "wide_trousers", "flared_jeans",
    "cargo", "joggers", "track_trousers", "shorts", "bermudas", "hot_pants", "capri",
    "mini_skirt", "knee_skirt", "midi_skirt", "maxi_skirt", "pencil_skirt",
    "sundress", "tee_dress", "shirt_dress", "wrap_dress", "sheath_dress", "knit_dress",
    "maxi_dress",
    "sneakers", "high_tops", "loafers", "ballerinas", "ankle_boots", "boots",
)  # fmt: skip

FABRICS: tuple[str, ...] = (
    "solid", "plain", "horizontal_stripe", "vertical_stripe", "pinstripe", "check", "plaid",
    "dots", "floral", "camouflage", "denim", "knit", "heather", "twill", "gradient",
    "colour_block", "print", "leather", "quilted",
)  # fmt: skip

COLOURS: tuple[str, ...] = (
    "black", "charcoal", "grey", "light_grey", "white", "cream", "navy", "blue", "light_blue",
    "teal", "forest", "olive", "sage", "green", "khaki", "beige", "camel", "brown", "burgundy",
    "red", "rust", "mustard", "yellow", "pink", "rose", "lavender", "purple",
)  # fmt: skip

WALKS: tuple[str, ...] = ("normal", "brisk", "relaxed", "elder")
