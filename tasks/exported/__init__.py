"""Export a saved model as ONNX, and say what that costs."""
