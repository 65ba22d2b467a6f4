"""Where a run of training tells what happens: TensorBoard, or whatever somebody hangs in."""
