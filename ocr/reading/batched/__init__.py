"""Our own reader: the PP-OCRv6 graphs straight on onnxruntime or OpenVINO, lines of many pages in one
batch."""
