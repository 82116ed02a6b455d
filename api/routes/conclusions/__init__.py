"""What results say: the results themselves, comparisons, histories, rankings and regressions."""
