"""`python -m leadwise` is the command `leadwise`."""

from leadwise.cli import main

if __name__ == "__main__":
    main()
