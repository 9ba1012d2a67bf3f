"""What processes live, as Linux tells it."""

from pathlib import Path


def children(process: int) -> list[int]:
    """Give a process's children."""
    words = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(word) for word in words]


def is_alive(process: int) -> bool:
    """Say whether a process is there and has not ended."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"
