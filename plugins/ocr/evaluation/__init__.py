"""How well the OCR reads real pages; a script to run by hand."""
