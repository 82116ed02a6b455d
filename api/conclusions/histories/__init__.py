"""One model under one test type over time, as data for pages and routes."""
