"""What does a training set teach? Sources compared by how well models transfer to targets."""
