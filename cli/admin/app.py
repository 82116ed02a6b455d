"""`gait admin`: what an operator does on the machine that has the database and the settings."""

from cli.lazy_group import LazyGroup, Sections

SECTIONS: Sections = {"Commands": {}}

admin = LazyGroup("admin", SECTIONS, help="Look after Gait's database, keys and queue on this machine.")
