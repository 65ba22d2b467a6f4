"""Models as one ONNX file, for programs that have neither torch nor this project."""
