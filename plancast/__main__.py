"""`python -m plancast`."""

from plancast.commands.main import main

if __name__ == "__main__":
    main()
