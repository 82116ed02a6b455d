"""What limits the trust in a session's results: failures, verdicts with their evidence, and the machine's state now."""
