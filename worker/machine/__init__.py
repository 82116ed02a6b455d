"""What the machine did while a run was measured."""
