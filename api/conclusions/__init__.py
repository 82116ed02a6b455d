"""What follows from results, as data for pages and routes: comparisons, histories, and what a machine can do."""
