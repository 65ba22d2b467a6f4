"""Networks that turn a person's picture into a feature, and their normalisation layers."""
