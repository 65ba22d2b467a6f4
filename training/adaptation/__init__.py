"""Unsupervised domain adaptation: JVTC and JVTC+ (Li and Zhang, ECCV 2020)."""
