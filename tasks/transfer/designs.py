"""Designs of experiments: which levels of which factors each run has, and what that confounds.

Two-level fractions are the regular ones of Box and Hunter (Technometrics, 1961). A factor's column
is a set of basic factors, as the bits of a number: its level in run r is the parity of the bits
that both have. Run 0 has the first level of everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from manifests.errors import BadRecipe

RUNS = (4, 8, 16)

# Columns after the basic ones, in the order in which factors take them: words of three letters
# first (with five basic letters' worth of factors all four), so that no effect of one factor is
# mixed up with that of two as long as that can be.
_FURTHER = {
    4: (0b11,),
    8: (0b111, 0b011, 0b101, 0b110),
    16: (
        *(0b0111, 0b1110, 0b1101, 0b1011),
        *(0b1111, 0b0011, 0b0101, 0b1001, 0b0110, 0b1010, 0b1100),
    ),
}
_MOST = max(RUNS) - 1


@dataclass(frozen=True)
class Fraction:
    """A two-level design: as many columns as factors, and how many runs."""

    columns: tuple[int, ...]
    runs: int

    def second(self, factor: int, run: int) -> bool:
        """Whether a factor has its second level in a run."""
        return (self.columns[factor] & run).bit_count() % 2 == 1

    @cached_property
    def confounded(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For each factor the pairs of others whose interaction cannot be told from its effect."""
        pairs = list(combinations(range(len(self.columns)), 2))
        return tuple(
            tuple((a, b) for a, b in pairs if self.columns[a] ^ self.columns[b] == column)
            for column in self.columns
        )

    @property
    def is_full(self) -> bool:
        """Whether every combination is a run, so that nothing is confounded."""
        return 2 ** len(self.columns) == self.runs

    @cached_property
    def resolution(self) -> int:
        """Of how many factors the shortest product is that is the same in all runs: with 3, one
        factor is mixed up with two; with 4, with three at the least. One more than there are
        factors if there is no such product."""
        factors = range(1, len(self.columns) + 1)
        for length in factors:
            for some in combinations(self.columns, length):
                product = 0
                for column in some:
                    product ^= column
                if product == 0:
                    return length
        return len(self.columns) + 1


def fraction(factors: int, runs: int | None = None) -> Fraction:
    """The design of so many factors.

    Without ``runs`` the smallest in which no effect is confounded with an interaction of two
    (resolution IV), if there is one, else sixteen. ``BadRecipe`` for factors that do not fit.
    """
    if not 2 <= factors <= _MOST:
        raise BadRecipe(f"a fractional design has 2 to {_MOST} factors, got {factors}")
    if runs is not None:
        found = _of(factors, runs)
        if found is None:
            raise BadRecipe(
                f"{runs} runs tell at most {runs - 1} factors apart and at least "
                f"{runs.bit_length() - 1} fill them, got {factors}; take another number of runs"
            )
        return found
    fitting = [design for runs in RUNS if (design := _of(factors, runs)) is not None]
    return next((design for design in fitting if design.resolution > 3), fitting[-1])


def _of(factors: int, runs: int) -> Fraction | None:
    basic = [1 << bit for bit in range(runs.bit_length() - 1)]
    further = _FURTHER[runs]
    more = factors - len(basic)
    if not 0 <= more <= len(further):
        return None
    if runs == 16 and more == 1:
        further = (0b1111,)  # resolution V
    if runs == 8 and more > 1:
        further = (*further[1:], further[0])
    return Fraction((*basic, *further[:more]), runs)


def explained(design: Fraction, names: Sequence[str]) -> str:
    """What a design can tell and what it cannot, in Markdown."""
    k, runs = len(design.columns), design.runs
    effect = (
        "The effect of a factor is the mean over the runs with its second level less the mean over "
        "those with its first, so that every run says something of every factor."
    )
    if design.is_full:
        return f"All {runs} combinations of {k} factors. {effect} Nothing is mixed up."
    size = f"{runs} of the {2**k:,} combinations of {k} factors"
    if design.resolution > 3:
        roman = {4: "IV", 5: "V"}[design.resolution]
        more = 3 if design.resolution == 4 else 4
        return (
            f"{size}, resolution {roman}. {effect} No effect is mixed up with what two factors do "
            f"only together; those of {more} together are taken for none."
        )
    lines = [
        f"- {names[factor]}: {', '.join(f'{names[a]} × {names[b]}' for a, b in pairs)}"
        for factor, pairs in enumerate(design.confounded)
        if pairs
    ]
    return (
        f"{size}, resolution III. {effect} What two factors do only together cannot be told from "
        "the effect of a third: it is taken off that. A factor that seems to matter may owe it to "
        "one of these pairs, and should be tried alone:\n\n" + "\n".join(lines)
    )
