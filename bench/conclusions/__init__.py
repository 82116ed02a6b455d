"""Error rates of what Gait concludes, on simulated measurements of which the truth is known."""
