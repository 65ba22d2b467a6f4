# A packaged UE 4.25 to 4.27 game, one engine per container. Context: the folder that holds
# LinuxNoEditor. Which libraries a game needs beyond these, `ldd` on its executable says.
FROM ubuntu:22.04

RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libvulkan1 libgl1 libegl1 libglx0 libxext6 libx11-6 libasound2 ca-certificates \
    && rm -rf /var/lib/apt/lists/*

ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=all

# Games refuse root, and write Saved and unrealcv.ini beside themselves.
RUN groupadd --gid 1000 unreal && useradd --uid 1000 --gid 1000 --create-home unreal
COPY --chown=1000:1000 LinuxNoEditor /game
USER 1000:1000
WORKDIR /game
