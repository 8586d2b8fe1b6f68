"""`python -m runner …` is the same command as `cabinet14d …`."""

from runner.cli import main

if __name__ == "__main__":
    main()
