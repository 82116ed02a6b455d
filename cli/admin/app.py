"""`gait admin`: what an operator does on the machine that has the database and the settings."""

from cli.lazy_group import LazyGroup, Sections

SECTIONS: Sections = {
    "Look": {
        "check-config": "cli.admin.check_config:check_config",
    },
    "Database": {
        "migrate": "cli.admin.migrate:migrate",
        "backup": "cli.admin.backup:backup",
        "restore": "cli.admin.backup:restore",
        "prune": "cli.admin.prune:prune",
    },
    "Access and queue": {
        "keys": "cli.admin.keys:keys",
        "requeue": "cli.admin.requeue:requeue",
    },
}

admin = LazyGroup("admin", SECTIONS, help="Look after Gait's database, keys and queue on this machine.")
