"""Features of pictures from a model of either kind: trained here, or exported as ONNX."""
