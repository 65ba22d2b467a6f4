"""The contract between stages: recipes, schemas, identities, stores, claims, snapshots."""
