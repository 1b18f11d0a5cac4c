"""The parts of the page: each reads facts and gives a section."""
