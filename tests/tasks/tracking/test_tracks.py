"""Recordings as sequences of MOTChallenge, tracks in them, and what TrackEval says of those."""

from __future__ import annotations

import configparser
import gc
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manifests.errors import BadRecipe, CorruptData, NotFound
from manifests.reader import SnapshotReader
from tasks.export.export import export_snapshot
from tasks.export.formats.motchallenge import BENCHMARK
from tasks.tracking.baseline import (
    WINDOW_SECONDS,
    Track,
    cluster,
    overlaps,
    track_sequences,
)
from tasks.tracking.boxes import detections
from tasks.tracking.sequences import find_sequences, require_results, require_truth
from tests.tasks.render.test_recordings import FPS, SECONDS, Toys, built, recipe

TICKS = round(FPS * SECONDS)
COLUMNS = ["frame", "person", "x", "y", "w", "h", "considered", "category", "visibility"]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> SnapshotReader:
    # Many pixels of everybody, so that the toys are worth following.
    wanted = recipe(SECONDS, people={"count": 8}, shards={"people_per_shard": 4})
    with pytest.MonkeyPatch.context() as patch:
        return built(wanted, tmp_path_factory.mktemp("recorded"), patch, Toys())


@pytest.fixture(scope="module")
def sequences(recorded: SnapshotReader, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mot") / "export"
    done = export_snapshot(recorded, "motchallenge", folder)
    assert (done.written, done.left_out) == (recorded.recorded().num_rows, 0)
    return folder


def truth(sequence: Path) -> pd.DataFrame:
    return pd.read_csv(sequence / "gt" / "gt.txt", header=None, names=COLUMNS)


def write_results(folder: Path, sequences: Path, identity) -> Path:
    """Results with the true boxes and the identities that ``identity`` gives each row."""
    folder.mkdir()
    for number, one in enumerate(find_sequences(sequences)):
        rows = truth(one.folder)
        rows = rows[rows["considered"] == 1].assign(confidence=1, a=-1, b=-1, c=-1)
        rows["person"] = [identity(number, *pair) for pair in zip(rows["frame"], rows["person"])]
        columns = ["frame", "person", "x", "y", "w", "h", "confidence", "a", "b", "c"]
        rows[columns].to_csv(folder / f"{one.name}.txt", header=False, index=False)
    return folder


def test_sequences_are_what_was_recorded(recorded, sequences):
    listed = (sequences / "seqmaps" / f"{BENCHMARK}.txt").read_text().split()
    found = find_sequences(sequences)
    assert listed == ["name", *(one.name for one in found)] and len(found) == 4
    licence = recorded.snapshot.licence
    assert licence and f"The data: [{licence}]" in (sequences / "README.md").read_text()
    tracks = recorded.tracks().to_pandas()
    for one in found:
        assert len(list(one.pictures.glob("*.jpg"))) == one.ticks == TICKS and one.fps == FPS
        said = configparser.ConfigParser()
        said.read(one.folder / "seqinfo.ini")
        own = tracks[tracks["recording"] == said["Sequence"]["recording"]]
        own = own[own["camera"] == said["Sequence"]["camera"]]
        rows = truth(one.folder)
        assert len(rows) == len(own)
        right = (rows["x"] + rows["w"] - 1).to_numpy(float)
        np.testing.assert_allclose(right, own["full_x1"].to_numpy(float), atol=0.01)
        assert set(rows["person"] - 1) == set(own["person_index"])
        assert ((rows["considered"] == 1) == (rows["category"] == 1)).all()


def test_a_perfect_tracker_scores_one_and_others_less(sequences, tmp_path):
    pytest.importorskip("trackeval")
    from tasks.tracking.measure import measure_tracks

    perfect = measure_tracks(
        sequences, write_results(tmp_path / "perfect", sequences, lambda _, tick, who: who)
    )
    seen = [scores for scores in perfect.per_camera.values() if scores.boxes]
    assert seen and len(perfect.across) == 2
    for scores in (*seen, perfect.together):
        assert (scores.idf1, scores.hota, scores.mota) == pytest.approx((1, 1, 1))
        assert scores.switches == scores.misses == scores.false == 0

    apart = measure_tracks(
        sequences,
        write_results(tmp_path / "apart", sequences, lambda n, tick, who: 100 * n + who),
    )
    assert all(s.idf1 == pytest.approx(1) for s in apart.per_camera.values() if s.boxes)
    assert apart.together.idf1 < 1 or perfect.together.people == apart.together.tracks

    shuffled = measure_tracks(
        sequences,
        write_results(tmp_path / "shuffled", sequences, lambda _, tick, who: (who + tick) % 9 + 1),
    )
    assert shuffled.together.idf1 < 0.7 and shuffled.together.hota < 0.8
    assert shuffled.together.switches > 10


def test_the_baseline_follows_people_within_a_camera(sequences, tmp_path):
    done = track_sequences(sequences, tmp_path / "tracks", None)
    assert done.tracks == done.people > 2

    def embed(crops: list[np.ndarray], cameras: list[str]) -> np.ndarray:
        assert len(crops) == len(cameras) and all(crop.shape[2] == 3 for crop in crops)
        colours = np.array([crop.mean(axis=(0, 1)) for crop in crops])
        return colours / np.linalg.norm(colours, axis=1, keepdims=True)

    joined = track_sequences(sequences, tmp_path / "joined", embed)
    assert joined.tracks == done.tracks and 2 <= joined.people <= done.people
    for one in find_sequences(sequences):
        rows, found = truth(one.folder), (tmp_path / "tracks" / f"{one.name}.txt").read_text()
        assert len(found.splitlines()) <= (rows["considered"] == 1).sum()


def walks(sequences: Path) -> tuple[list[Track], np.ndarray, np.ndarray]:
    """Tracks of five people in two cameras and two windows of time, in two recordings; features
    that tell who they are, and which camera saw them; who they are."""
    rng = np.random.default_rng(3)
    tracks, features, people = [], [], []
    recordings = sorted({one.recording for one in find_sequences(sequences)})
    for one in find_sequences(sequences):
        camera = rng.normal(size=16)
        for start in (1, 1 + 2 * int(WINDOW_SECONDS * one.fps)):
            for person in range(5):
                tracks.append(Track(one, [start, start + 1], [np.zeros(4)] * 2))
                looks = np.random.default_rng(person).normal(size=16)
                features.append(looks + camera + rng.normal(scale=0.2, size=16))
                people.append((recordings.index(one.recording), person))
    who = np.unique(people, axis=0, return_inverse=True)[1].ravel()
    found = np.array(features)
    return tracks, found / np.linalg.norm(found, axis=1, keepdims=True), who


def test_tracks_that_look_alike_are_one_person(sequences):
    tracks, features, who = walks(sequences)
    found = cluster(tracks, features)
    assert len(tracks) == 40 and len(set(who)) == 10
    np.testing.assert_array_equal(found[:, None] == found[None], who[:, None] == who[None])
    other = cluster(tracks, np.random.default_rng(0).permutation(features))
    assert (other[:, None] == other[None]).sum() < (found[:, None] == found[None]).sum()


def test_tracks_of_one_camera_at_one_tick_are_never_one_person(sequences):
    tracks, features, _ = walks(sequences)
    found = cluster(tracks, np.zeros_like(features) + features[0])
    for one in range(len(tracks)):
        for other in range(one):
            if found[one] == found[other]:
                a, b = tracks[one], tracks[other]
                assert a.sequence.recording == b.sequence.recording
                assert a.sequence is not b.sequence or not set(a.ticks) & set(b.ticks)


def test_overlap_of_boxes():
    one = np.array([[0.0, 0.0, 10.0, 10.0]])
    other = np.array([[0.0, 0.0, 10.0, 10.0], [5.0, 0.0, 10.0, 10.0], [20.0, 0.0, 5.0, 5.0]])
    np.testing.assert_allclose(overlaps(one, other), [[1.0, 50 / 150, 0.0]])


def test_what_is_missing_is_named(sequences, tmp_path):
    with pytest.raises(NotFound, match="no sequences"):
        find_sequences(tmp_path)
    with pytest.raises(NotFound, match="of 4 sequences"):
        require_results(find_sequences(sequences), tmp_path)
    (tmp_path / "seqinfo.ini").write_text("[Sequence]\nframeRate=fast\n")
    with pytest.raises(BadRecipe, match="as MOTChallenge has them"):
        find_sequences(tmp_path)


def without_pictures(sequences: Path, folder: Path) -> Path:
    """A copy of an export that may be changed."""
    return shutil.copytree(sequences, folder, ignore=shutil.ignore_patterns("img1"))


def test_true_tracks_that_are_kept_back_are_named(sequences, tmp_path):
    copy = without_pictures(sequences, tmp_path / "copy")
    one = find_sequences(copy)[0].folder
    (one / "gt" / "gt.txt").unlink()
    with pytest.raises(NotFound, match=rf"{one.name}/gt/gt.txt: no such file"):
        require_truth(find_sequences(copy))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1,1,10,10,20,40", "cannot read it.*width, height, confidence"),
        ("1,-1,10,10,20,40,1", "negative identities"),
        ("one,1,10,10,20,40,1", "refuses it"),
        ("99,1,10,10,20,40,1", "refuses it.*invalid timesteps"),
    ],
)
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # TrackEval leaves them open
def test_results_that_are_none_are_refused_in_words(sequences, tmp_path, capfd, line, words):
    pytest.importorskip("trackeval")
    from tasks.tracking.measure import measure_tracks

    for one in find_sequences(sequences):
        (tmp_path / f"{one.name}.txt").write_text(line + "\n")
    with pytest.raises(BadRecipe, match=words):
        measure_tracks(sequences, tmp_path)
    gc.collect()  # here, where the warning of its open files is expected
    assert capfd.readouterr() == ("", "")


def test_sequences_that_say_nothing_of_it_have_people_of_their_own(sequences, tmp_path):
    pytest.importorskip("trackeval")
    from tasks.tracking.measure import measure_tracks

    copy = without_pictures(sequences, tmp_path / "copy")
    for one in find_sequences(copy):
        about = one.folder / "seqinfo.ini"
        about.write_text(re.sub("recording=.*\n", "", about.read_text()))
    apart = write_results(tmp_path / "apart", copy, lambda n, tick, who: (who + n) % 9)
    report = measure_tracks(copy, apart)
    assert report.across == {} and report.together.idf1 == pytest.approx(1)


def test_detections_of_other_programs_are_read_or_refused(sequences, tmp_path):
    copy = without_pictures(sequences, tmp_path / "copy")
    one = find_sequences(copy)[0]
    listed = one.folder / "det" / "det.txt"
    listed.write_text("2.0,-1,1,2,3,4,0.9\n1.0,-1,1,2,3,4,0.9\n")
    assert detections(one)["frame"].tolist() == [1, 2]
    for text in ("frame,id,left,top,width,height\n1,-1,1,2,3,4\n", "1,-1,1,2,3,\n"):
        listed.write_text(text)
        with pytest.raises(CorruptData, match="no detections"):
            detections(one)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").touch()
    with pytest.raises(BadRecipe, match="not empty"):  # before anything is read
        track_sequences(copy, tmp_path / "out", None)
