"""The report stage: one HTML file a person can judge a data set and a model by."""
