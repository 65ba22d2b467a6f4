"""Crops as arrays: decoding, augmentation and the composition of batches."""
