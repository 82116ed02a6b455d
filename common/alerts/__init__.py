"""What Gait notifies people and programs of, and where it may send that."""
