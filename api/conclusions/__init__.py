"""What follows from results and readings, for pages and routes: comparisons, histories, what a machine can do."""
