"""The embedded engine: an UnrealCV server that draws scenes and people with OpenGL.

Start it as ``python -m synth_workers.engine``. Nothing here may import torch: loading it in
a process that owns an OpenGL context crashes the process.
"""

ENGINE_VERSION = "3"
"""Changes whenever the same world, light and camera would give other pixels or ground truth."""
