"""Error rates on simulated measurements, by the functions of the product."""
