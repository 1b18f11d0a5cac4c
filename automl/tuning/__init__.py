"""The search: portfolio, Optuna study, deadline, worker processes and their run folder."""
