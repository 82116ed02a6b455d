"""A modelled fleet of three machines, twenty models and forty nights, to look at every page with."""
