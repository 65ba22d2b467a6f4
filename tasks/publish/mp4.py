"""Writes one H.264 video, a picture for every tick; the only place that knows the coder.

One version of the coder makes the same bytes of the same pictures, as a rule (`docs/limits.md`),
since one thread codes a video.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Self

import cv2
import numpy as np

_SETTINGS = {"preset": "veryfast", "crf": "20", "threads": "1"}
_SMPTE_170M, _LIMITED = 6, 1  # of OpenCV's conversion, as H.264 numbers them
_BLACK = (16, 128)  # luma and chroma


def can_code() -> bool:
    """Whether this installation has the coder."""
    return find_spec("av") is not None


def coder() -> str:
    """What codes here, and how."""
    import av

    settings = " ".join(f"{name}={value}" for name, value in _SETTINGS.items())
    return f"PyAV {av.__version__}, FFmpeg {av.ffmpeg_version_info}, libx264 {settings}"


class Mp4Writer:
    """A video of ``ticks`` pictures of one even size, ``fps`` of them a second, at ``path``."""

    def __init__(self, path: Path, width: int, height: int, fps: int, ticks: int) -> None:
        import av

        self._ticks, self._next = ticks, 0
        self._last = np.full((height * 3 // 2, width), _BLACK[1], np.uint8)
        self._last[:height] = _BLACK[0]
        # A file of Python's says in its own words what a disk refuses.
        self._file = path.open("wb")
        self._container = av.open(self._file, "w", format="mp4")
        self._stream = self._container.add_stream("libx264", rate=fps, options=_SETTINGS)
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "yuv420p"
        context = self._stream.codec_context
        context.colorspace, context.color_range = _SMPTE_170M, _LIMITED
        context.thread_count = 1

    def show(self, tick: int, picture: np.ndarray) -> None:
        """``picture``: (height, width, 3) uint8 blue green red; ticks rise. Those that are left out
        show what was there before them, or black."""
        self._hold_until(tick)
        self._last = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8)
        self._hold_until(tick + 1)

    def finish(self) -> None:
        """Complete the file."""
        self._hold_until(self._ticks)
        self._container.mux(self._stream.encode())
        self._container.close()

    def _hold_until(self, tick: int) -> None:
        from av import VideoFrame

        for number in range(self._next, tick):
            frame = VideoFrame.from_ndarray(self._last, format="yuv420p")
            frame.pts = number
            self._container.mux(self._stream.encode(frame))
        self._next = max(self._next, tick)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
