"""What an explanation says: in words, in frames, in sections of a page."""
