# A render node: workers that start games which are mounted. Context: this repository, as far as
# .dockerignore lets it through. `python -m benchmarks.images` builds and runs it.
FROM ubuntu:24.04

RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        python3 python3-venv \
        libegl1 libgl1 libgl1-mesa-dri libglib2.0-0t64 \
        libvulkan1 libglx0 libxext6 libx11-6 libasound2t64 ca-certificates \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/unrealperson
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY manifests manifests
COPY synth_workers synth_workers
COPY training training
COPY tasks tasks
COPY flows flows
COPY unrealperson unrealperson
COPY infra infra
RUN python3 -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir -c constraints.txt --editable ".[worker]" \
    && /opt/venv/bin/python -m compileall -q manifests synth_workers training tasks flows unrealperson infra

ENV PATH=/opt/venv/bin:$PATH \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=all \
    UNREALPERSON_HOME=/opt/unrealperson \
    UNREALPERSON_GAMES=/etc/unrealperson/games.yaml \
    UNREALPERSON_SCENES=/levels \
    UNREALPERSON_CACHE=/cache \
    UNREALPERSON_OUT=/cache/out

# ubuntu:24.04 has a user of this id, and games refuse root.
RUN mkdir /cache && chown 1000:1000 /cache
USER 1000:1000
# Body data of people, which every worker needs; a new volume takes it over.
RUN unrealperson assets install
WORKDIR /tmp
CMD ["prefect", "worker", "start", "--pool", "render"]
