"""The frames of an audit: pure functions of counts and settings."""
