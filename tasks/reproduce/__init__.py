"""The paper's tables and figures, made again: on stand-ins of ours, and on real targets."""
