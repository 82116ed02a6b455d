"""Commands that start processes of Gait on this machine."""
