"""python -m monkeycli: the same as `monkey`."""

from monkeycli.cli import main

if __name__ == "__main__":
    main()
