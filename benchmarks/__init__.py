"""What Candor claims, measured: systems, datasets, the runner and the tables."""
