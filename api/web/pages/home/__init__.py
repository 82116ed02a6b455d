"""`/`: what the machines do, what changed, the fastest models, and the sessions."""
