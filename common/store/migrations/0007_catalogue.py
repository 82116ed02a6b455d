# Generated from a schema diff on 2026-11-27 07:40. Test types are declared in common/catalogue since.
from peewee import *


def up(migrator, db):
    migrator.migrate(migrator.drop_table('catalogue_entry'))


def down(migrator, db):
    class CatalogueEntry(Model):
        name = CharField(max_length=64, primary_key=True)
        position = IntegerField()
        description = JSONField()

        class Meta:
            database = db
            table_name = 'catalogue_entry'

    db.create_tables([CatalogueEntry])
