"""What follows from sessions that have ended: regressions that were opened or are over, and notifications."""
