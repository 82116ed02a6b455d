import pytest
from peewee import JOIN, BaseQuery, Context, Database, fn

from common.store.connections.availability import PostgreSql, Sqlite
from common.store.connections.quick_sql import QuickContext
from common.store.tables import Run, Session, Test

OTHER = Test.alias("other")
NEWEST = Test.select(Test.model, fn.MAX(Test.id).alias("id")).group_by(Test.model).alias("newest")
RECENT = Session.select(Session.id).where(Session.host == "desk").limit(3).cte("recent", columns=["id"])

STATEMENTS = {
    "all columns": Session.select(),
    "a join": Test.select(Test, Session).join(Session).where(Session.host.in_(["desk", "den"]), Test.model != ""),
    "a table twice": Test.select(Test.id, OTHER.id).join(OTHER, JOIN.LEFT_OUTER, on=OTHER.session == Test.session),
    "a subquery": Test.select(Test.id).join(NEWEST, on=NEWEST.c.id == Test.id).order_by(NEWEST.c.model.desc()),
    "a common table": Session.select().join(RECENT, on=RECENT.c.id == Session.id).with_cte(RECENT),
    "a union": Session.select(Session.id) | Session.select(Session.id).where(Session.pinned),
    "a condition of another table": Session.select().where(fn.EXISTS(Test.select().where(Test.session == Session.id))),
    "insert": Session.insert(id="1", host="desk"),
    "insert or change": Run.insert(test=1, repetition=2).on_conflict(
        conflict_target=[Run.test, Run.repetition], update={Run.at: None}, where=Run.repetition > 1
    ),
    "update": Session.update(host=Session.host + "2").where(Session.id == "1"),
    "delete": Run.delete().where(Run.test.in_(Test.select(Test.id).where(Test.model == "tiny"))),
}


@pytest.mark.parametrize("database", [Sqlite(None), PostgreSql(None)], ids=["sqlite", "postgresql"])
@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_a_statement_is_that_of_peewee(statement: BaseQuery, database: Database) -> None:
    options = database.get_context_options()
    assert QuickContext(**options).sql(statement).query() == Context(**options).sql(statement).query()
