"""The paper's tables and figures as data: what each row learns from, and what is claimed of it.

Numbers of people are the paper's; a budget scales them. Nothing here trains or reads anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from manifests.errors import BadRecipe
from tasks.reproduce.paper import Score, paper_scores
from tasks.reproduce.terms import (
    TARGETS,
    Adapted,
    Claim,
    Experiment,
    Model,
    Part,
    Row,
    Source,
    Synthetic,
    TableName,
    TargetImages,
    Trained,
)

CORNER_TARGETS = ("grid", "lips", "market-black", "duke-black")


def _tested(
    key: str,
    labels: tuple[str, ...],
    model: Model,
    paper: Mapping[str, Score] | None = None,
    targets: tuple[str, ...] = TARGETS,
) -> Row:
    return Row(key, labels, dict.fromkeys(targets, model), paper or {})


_WIDE = {
    6: (Part("core", ("street",)),),
    16: (Part("core", ("crossing",)),),
    22: (Part("core"),),
    28: (Part("core"), Part("wide", ("plaza",))),
    34: (Part("wide"),),
}
"""The paper's numbers of cameras, and the crops that as many cameras take."""

_TEXTURES = (
    ("random", "random", 0, 0),
    ("generated", "generated", 0, 0),
    ("real", "real", 0, 0),
    ("accessories", "real", 1, 0),
)


UNREAL = Trained(Synthetic(_WIDE[34], 3000))
"""What the paper calls Unreal."""


def _table2() -> Experiment:
    rows = []
    for world, texture, accessories, hard in _TEXTURES:
        labels = ("800", "6", texture, "yes" if accessories else "no", "no")
        model = Trained(Synthetic((Part(world),), 800))
        paper = paper_scores("table2", 800, 6, texture, accessories, hard)
        rows.append(_tested(world, labels, model, paper))
    sizes = [(800, cameras) for cameras in _WIDE] + [(people, 34) for people in (1500, 2000, 3000)]
    for people, cameras in sizes:
        labels = (str(people), str(cameras), "real", "yes", "yes")
        paper = paper_scores("table2", people, cameras, "real", 1, 1)
        key = f"{people} people, {cameras} cameras"
        rows.append(_tested(key, labels, Trained(Synthetic(_WIDE[cameras], people)), paper))
    return Experiment(
        TableName.table2,
        "Table 2: what the training world is made of",
        ("people", "cameras", "clothes", "accessories", "look-alikes"),
        tuple(rows),
        (
            Claim("clothes: real textures beat random pictures", "real", "random"),
            Claim("clothes: real textures beat generated patterns", "real", "generated"),
            Claim("accessories help", "accessories", "real"),
            Claim("look-alikes help", "800 people, 6 cameras", "accessories"),
            Claim(
                "cameras: 34 beat 6", "800 people, 34 cameras", "800 people, 6 cameras"
            ),
            Claim(
                "people: 3,000 beat 800", "3000 people, 34 cameras", "800 people, 34 cameras"
            ),
        ),
        anywhere=True,
    )  # fmt: skip


_REAL = {name: TargetImages((name.lower(),)) for name in ("Market", "Duke", "MSMT17")}
_REAL_WITHOUT_STAND_IN = {
    name: TargetImages((name.lower(),), stand_in=False)
    for name in ("SyRI", "PersonX", "RandPerson")
}


def _table3() -> Experiment:
    sources: dict[str, Source] = {**_REAL, **_REAL_WITHOUT_STAND_IN, "Unreal": UNREAL.source}
    rows = tuple(
        _tested(name, (name,), Trained(source), paper_scores("table3", name))
        for name, source in sources.items()
    )
    return Experiment(
        TableName.table3,
        "Table 3: training sets, tested without adaptation",
        ("trained on",),
        rows,
        (
            Claim("Unreal transfers better than MSMT17", "Unreal", "MSMT17", ("market", "duke")),
            Claim("Unreal transfers better than Duke", "Unreal", "Duke", ("market", "msmt17")),
            Claim("Unreal transfers better than Market", "Unreal", "Market", ("duke", "msmt17")),
        ),
        notes=("SyRI, PersonX and RandPerson have no stand-in: they need `--target-folder`.",),
        anywhere=True,
    )


def _table4() -> Experiment:
    unions = {**_REAL, "Duke+Market": TargetImages(("duke", "market"))}
    before: dict[str, Trained | None] = {
        "ImageNet": None,
        "Unreal": UNREAL,
        **{name: Trained(source) for name, source in unions.items()},
    }
    pairs = (
        ("ImageNet", "Market"), ("MSMT17", "Market"), ("Unreal", "Market"),
        ("ImageNet", "Duke"), ("MSMT17", "Duke"), ("Unreal", "Duke"),
        ("ImageNet", "MSMT17"), ("Duke+Market", "MSMT17"), ("Unreal", "MSMT17"),
    )  # fmt: skip
    rows = tuple(
        _tested(
            f"{first} to {last}",
            (first, last),
            Trained(_REAL[last], before[first]),
            paper_scores("table4", first, last),
        )
        for first, last in pairs
    )
    claims = []
    for last, others in (("Market", "MSMT17"), ("Duke", "MSMT17"), ("MSMT17", "Duke+Market")):
        target = _REAL[last].names
        for other in ("ImageNet", others):
            says = f"pre-training on Unreal beats {other}, fine-tuned on and tested on {last}"
            claims.append(Claim(says, f"Unreal to {last}", f"{other} to {last}", target))
    return Experiment(
        TableName.table4,
        "Table 4: pre-training, then fine-tuning",
        ("pre-trained on", "fine-tuned on"),
        rows,
        tuple(claims),
        notes=(
            "`ImageNet` means the network's first weights: ImageNet's with budget `paper`, "
            "random ones with the others.",
        ),
    )


def _table5() -> Experiment:
    sources: dict[str, Source] = {**_REAL, "Unreal": UNREAL.source}
    rows = tuple(
        Row(
            f"{name}, {method}",
            (name, method),
            {
                target: Adapted(source, target)
                for target in TARGETS
                if source != TargetImages((target,))
            },
            paper_scores("table5", name, method),
            method,
        )
        for method in ("JVTC", "JVTC+")
        for name, source in sources.items()
    )
    claims = tuple(
        Claim(
            f"{method}: adapting from Unreal beats adapting from MSMT17",
            f"Unreal, {method}",
            f"MSMT17, {method}",
            ("market", "duke"),
        )
        for method in ("JVTC", "JVTC+")
    )
    return Experiment(
        TableName.table5,
        "Table 5: adaptation without labels of the target",
        ("source", "method"),
        rows,
        claims,
    )


def _fig4() -> Experiment:
    lines = {"real": "wide-real", "accessories": "wide-accessories", "look-alikes": "wide"}
    rows = []
    for line, world in lines.items():
        for people in (600, 800, 1500, 2000, 3000):
            model = Trained(Synthetic((Part(world),), people))
            rows.append(_tested(f"{line}, {people}", (line, str(people)), model))
    return Experiment(
        TableName.fig4,
        "Figure 4: more people, with 34 cameras",
        ("made of", "people"),
        tuple(rows),
        (
            Claim("more people help", "look-alikes, 3000", "look-alikes, 600"),
            Claim("accessories help, 3,000 people", "accessories, 3000", "real, 3000"),
            Claim("look-alikes help, 3,000 people", "look-alikes, 3000", "accessories, 3000"),
        ),
        notes=(
            "The paper draws this figure without numbers; each line adds one thing to the line "
            "before it.",
        ),
        anywhere=True,
    )


def _fig5() -> Experiment:
    sources: dict[str, Source] = {
        **_REAL,
        "Unreal": Synthetic(_WIDE[34], 800),
        "Unreal, six high indoor cameras more": Synthetic((*_WIDE[34], Part("indoor")), 800),
        "Unreal at night": Synthetic((Part("night"),), 800),
        "Unreal in dark clothes": Synthetic((Part("black"),), 800),
    }
    indoor, night, black = list(sources)[4:]
    rows = tuple(
        _tested(
            name,
            (name,),
            Trained(source),
            {"grid": (36.4, None)} if name == indoor else {},
            CORNER_TARGETS,
        )
        for name, source in sources.items()
    )
    return Experiment(
        TableName.fig5,
        "Figure 5: corner cases",
        ("trained on",),
        rows,
        (
            Claim("high indoor cameras help on GRID", indoor, "Unreal", ("grid",)),
            Claim("low light helps on LIPS", night, "Unreal", ("lips",)),
            Claim(
                "dark clothes help on people in black", black, "Unreal",
                ("market-black", "duke-black"),
            ),
        ),
        CORNER_TARGETS,
        (
            "All synthetic rows have equally many people and pictures. Of the paper's numbers "
            "only GRID's is printed; the others are drawn.",
        ),
    )  # fmt: skip


EXPERIMENTS: dict[TableName, Experiment] = {
    made.name: made for made in (_table2(), _table3(), _table4(), _table5(), _fig4(), _fig5())
}
"""Every table and figure by name."""


def table_names(given: Iterable[str]) -> tuple[TableName, ...]:
    """Tables by name; ``all`` are all. ``BadRecipe`` for names that do not exist."""
    words = set(given)
    unknown = sorted(words - {*TableName, "all"})
    if unknown or not words:
        known = ", ".join([*TableName, "all"])
        raise BadRecipe(f"reproduce: must be one of {known}; got {', '.join(unknown)}")
    return tuple(name for name in TableName if "all" in words or name in words)


def chosen_experiments(tables: Iterable[TableName]) -> tuple[Experiment, ...]:
    """The experiments of some names, in the order of ``EXPERIMENTS``."""
    asked = set(tables)
    return tuple(made for name, made in EXPERIMENTS.items() if name in asked)
