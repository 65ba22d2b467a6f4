"""The bench: models made and measured once, whoever asks, and kept by what they depend on."""
