"""`make fault-injection`: faults on Gait's real parts at random moments, and what is left afterwards."""
