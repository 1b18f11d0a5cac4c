"""The version that all packages of Candor share."""

__version__ = "0.1.0"
