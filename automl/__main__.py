"""`python -m automl` is the command `automl`."""

from automl.cli import console

if __name__ == "__main__":
    console()
