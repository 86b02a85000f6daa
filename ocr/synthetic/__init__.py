"""Rendered documents with exact truth: words with boxes, fields, line items, label-value links."""

from ocr.synthetic.corpus import CorpusSpec, write_corpus
from ocr.synthetic.document import SyntheticDocument, Truth, TruthWord
from ocr.synthetic.maker import KINDS, make

__all__ = ["KINDS", "CorpusSpec", "SyntheticDocument", "Truth", "TruthWord", "make", "write_corpus"]
