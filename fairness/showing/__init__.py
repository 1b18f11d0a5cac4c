"""How an audit shows itself: words, text, pictures, pages. Nothing is computed here."""
