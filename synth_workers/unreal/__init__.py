"""Packaged UE4 games behind the engine seam: started, contained or attached to.

Which game a shard wants is in its recipe; how this host gets it is in ``games.yaml``. Nothing
here speaks to a game: that is ``synth_workers.worker.session`` and above.
"""
