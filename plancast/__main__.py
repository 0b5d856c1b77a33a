"""`python -m plancast`."""

from plancast.cli import main

if __name__ == "__main__":
    main()
