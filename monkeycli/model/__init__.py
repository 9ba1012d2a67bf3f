"""The network: its sizes, its parts, its weights on disk, and what prepares pages for it."""
