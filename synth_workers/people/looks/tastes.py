"""What a recipe prefers: factors on usual weights, applied wherever something is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from manifests.errors import BadRecipe
from manifests.people import EVERYTHING_ELSE, BadTexture, PeopleRecipe, TextureMode
from synth_workers.people.clothes.packs import InstalledPack, install_packs
from synth_workers.people.looks import colours
from synth_workers.people.looks.dress import DRESSES, Dress
from synth_workers.people.looks.movement import MOVEMENTS, Movement
from synth_workers.people.looks.vocabulary import FACTORS, check_names
from synth_workers.people.spec import Colour, FabricSpec, Slot
from synth_workers.people.textures.library import TextureLibrary, open_library


@dataclass(frozen=True)
class Tastes:
    """Factors by recipe field and name, an empty one changes nothing; and profiles.

    ``activities``: shares of moments that people who are able spend on each, where they are not
    the profile's.
    """

    factors: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    mode: TextureMode = TextureMode.real
    library: TextureLibrary | None = None
    packs: tuple[InstalledPack, ...] = ()
    pack_share: float = 0.0
    dress: Dress = DRESSES["varied"]
    movement: Movement = MOVEMENTS["usual"]
    activities: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, recipe: PeopleRecipe) -> Tastes:
        """The tastes of a recipe; ``BadRecipe`` if it names what there is not."""
        check_names(recipe)
        library = None
        if recipe.texture_folder is not None and recipe.textures is not TextureMode.generated:
            library = open_library(recipe.texture_folder, recipe.textures, recipe.bad_textures)
        packs: tuple[InstalledPack, ...] = ()
        if recipe.clothes_folder is not None:
            refuse = recipe.bad_clothes is BadTexture.refuse
            packs = _packs(recipe.clothes_folder, refuse, recipe.clothes_licence)
        return cls(
            {name: getattr(recipe, name) for name in FACTORS},
            recipe.textures,
            library,
            packs,
            recipe.clothes_share,
            DRESSES[recipe.dress],
            MOVEMENTS[recipe.movement],
            recipe.activities,
        )

    def weights(self, name: str, usual: Mapping[str, float]) -> dict[str, float]:
        """Usual weights times the factors of the dress and of recipe field ``name``."""
        return _times(self.dressed(name, usual), self.factors.get(name, {}))

    def dressed(self, name: str, usual: Mapping[str, float]) -> dict[str, float]:
        """Usual weights times the factors of the dress; what is 0 then, no recipe brings back."""
        return _times(usual, self.dress.factors(name))

    def offered(self, name: str, usual: Iterable[str]) -> str:
        """Those of the usual names that the dress has, for people."""
        return ", ".join(
            key for key, share in self.dressed(name, dict.fromkeys(usual, 1.0)).items() if share
        )

    def pick(self, rng: np.random.Generator, name: str, usual: Mapping[str, float]) -> str:
        """Draw a name; ``BadRecipe`` when the factors leave none."""
        weights = self.weights(name, usual)
        if not any(weights.values()):
            raise BadRecipe(
                f"people.{name} leaves nothing to draw from {self.offered(name, usual)}: "
                "give at least one of them a factor above 0"
            )
        return colours.pick(rng, weights)

    def of_wearer(self, female: bool) -> Tastes:
        """The same tastes with the clothes packs that this wearer wears."""
        if not self.packs:
            return self
        wearer = "female" if female else "male"
        return replace(self, packs=tuple(p for p in self.packs if wearer in p.wearers))

    def pack(self, rng: np.random.Generator, slot: Slot) -> InstalledPack | None:
        """Now and then, one of the recipe's clothes packs for this place of an outfit."""
        fitting = [pack for pack in self.packs if pack.slot is slot]
        if not fitting or rng.random() >= self.pack_share:
            return None
        return fitting[int(rng.integers(len(fitting)))]

    def picture_fabric(self, rng: np.random.Generator, use: str, dark: bool) -> FabricSpec | None:
        """A cloth cut from the recipe's pictures; None without pictures that serve."""
        return self.library.fabric(rng, use, dark) if self.library else None

    def cloth_colour(self, rng: np.random.Generator, palette: str, dark: bool = False) -> Colour:
        """A colour of a palette; a palette of excluded colours gives way to what is wanted."""
        if dark:
            return colours.dark_colour(rng)
        if self.mode is TextureMode.generated:
            return colours.any_colour(rng)
        weights = self.weights("colours", self.dress.palettes[palette])
        if not any(weights.values()):
            weights = self.weights("colours", dict.fromkeys(colours.FAMILIES, 1.0))
        if not any(weights.values()):
            raise BadRecipe("people.colours excludes every colour: leave at least one above 0")
        return colours.family_colour(rng, colours.pick(rng, weights))

    def contrasting(
        self, rng: np.random.Generator, colour: Colour, palette: str, dark: bool
    ) -> Colour:
        """A second colour that can be told from the first: the farthest of four draws."""
        if dark:
            red, green, blue = (int(min(c + rng.integers(14, 34), 90)) for c in colour)
            return (red, green, blue)
        draws = [self.cloth_colour(rng, palette) for _ in range(4)]
        return max(draws, key=lambda other: colours.distance(colour, other))


def _times(weights: Mapping[str, float], factors: Mapping[str, float]) -> dict[str, float]:
    rest = factors.get(EVERYTHING_ELSE, 1.0)
    return {key: weight * factors.get(key, rest) for key, weight in weights.items()}


NO_TASTES = Tastes()


@lru_cache(maxsize=8)
def _packs(folder: str, refuse: bool, licence: str | None) -> tuple[InstalledPack, ...]:
    return tuple(install_packs(Path(folder).expanduser(), refuse=refuse, licence=licence))
