"""What the pages on Unreal tell people to type is what the code takes and builds."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import pytest
import yaml

from manifests.recipes_io import parse_recipe
from synth_workers.processes.host import ProcessMark
from synth_workers.scenes.level_manifest import parse_level_manifest
from synth_workers.scenes.levels import inspect_level
from synth_workers.unreal.container import ContainerRun, docker_words
from synth_workers.unreal.games import Container, Game, Games

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("ue4*.md")) + [ROOT / "docs" / "scene_contract.md"]
NODE = ROOT / "infra" / "game_node"


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text()
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    return [re.sub(f"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


def test_the_manifest_of_the_contract_page_is_a_good_one():
    (text,) = blocks("scene_contract.md", "json")
    assert inspect_level(parse_level_manifest(text, "page")).faults == ()


@pytest.mark.parametrize("page", ["ue4.md", "ue4_farm.md", "ue4_published_level.md"])
def test_games_files_and_recipes_of_the_pages_are_valid(page: str):
    read = [yaml.safe_load(block) for block in blocks(page, "yaml")]
    games = [content for content in read if "games" in content]
    assert games
    for content in games:
        Games.model_validate(content)
    for content in read:
        if "people" in content:
            assert parse_recipe(yaml.safe_dump(content)).engine.version == "town b1"


def test_the_docker_command_of_the_page_is_the_one_that_is_run():
    page = (ROOT / "docs" / "ue4_farm.md").read_text()
    shown = page.split("<!-- docker-run -->\n```\n")[1].split("```")[0].split()
    container = Container(
        image="town:b1", executable=PurePosixPath("/game/Town/Binaries/Linux/Town")
    )
    game = Game(build="b1", container=container, memory_mb=12288)
    run = ContainerRun(
        "unrealperson-town-1", ProcessMark(4711, 1.0), Path("/cache/town-1"), 9100, gpu=2
    )
    size = (1280, 720)
    assert shown == list(docker_words(run, game, container, "TownMap", size, has=lambda _: True))


def test_every_failure_mode_has_its_line():
    page = (ROOT / "docs" / "ue4_troubleshooting.md").read_text()
    assert [n for n in range(1, 24) if not re.search(rf"\bF{n}\b", page)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_files_that_a_page_names_exist(page: Path):
    text = page.read_text()
    links = re.findall(r"\]\(([a-z0-9_]+\.md)", text)
    paths = re.findall(r"`((?:infra|tests|synth_workers)/[\w/.]+\.\w+)`", text)
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
    assert [path for path in paths if not (ROOT / path).exists()] == []


def instructions(file: Path) -> list[tuple[str, str]]:
    joined = re.sub(r"\\\n", " ", file.read_text())
    lines = [line for line in joined.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], line.split(None, 1)[1]) for line in lines]


@pytest.mark.parametrize("name", ["game.Dockerfile", "node.Dockerfile"])
def test_images_are_pinned_run_as_somebody_and_clean_up(name: str):
    steps = instructions(NODE / name)
    known = {"FROM", "RUN", "ENV", "WORKDIR", "COPY", "USER", "CMD"}
    assert {step for step, _ in steps} <= known
    assert steps[0][0] == "FROM" and re.fullmatch(r"[a-z]+:\d+\.\d+", steps[0][1])
    assert [words for step, words in steps if step == "USER"] == ["1000:1000"]
    installs = [words for step, words in steps if step == "RUN" and "apt-get install" in words]
    assert installs and all("rm -rf /var/lib/apt/lists" in words for words in installs)


def test_the_node_has_the_whole_worker():
    steps = instructions(NODE / "node.Dockerfile")
    copied = [word for step, words in steps if step == "COPY" for word in words.split()[:-1]]
    assert [source for source in copied if not (ROOT / source).exists()] == []
    assert {"manifests", "synth_workers", "training", "tasks", "flows", "infra"} <= set(copied)
    assert any(".[worker]" in words for step, words in steps if step == "RUN")
