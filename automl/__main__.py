"""`python -m automl` is the command `automl`."""

from automl.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
