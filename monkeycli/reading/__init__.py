"""From documents to pages: readers for PDFs and images, and the processes that run them."""
