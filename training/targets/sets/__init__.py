"""The data sets: a module for each or for each family, found by ``registry`` when somebody asks.

To add one, put a file here that registers a ``TargetSet``, or a ``FolderLayout`` where file names
hold the labels; nothing else needs to know. ``training.targets.pairs`` draws whom to test where
nobody published it.
"""
