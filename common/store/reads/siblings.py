"""Sessions that belong together with one, without their tests."""

from datetime import timedelta

from common.store.tables import Session

NIGHT = timedelta(hours=12)
"""Sessions of a series on several machines belong together if they are no further apart."""
MAX_READ = 42
"""Sessions of the series that are looked at, the newest first."""


def elsewhere_and_before(session: Session) -> tuple[list[Session], Session | None]:
    """Return the sessions of the series on other hosts in the same night, one each, and the one before on its own host.

    Hosts are in the order of their names. The series of a session is what lists show as one row with it.
    """
    if session.series is None:
        return [], None
    same = Session.select().where(Session.series == session.series, Session.created_at <= session.created_at + NIGHT)
    found = list(same.order_by(Session.created_at.desc(), Session.id.desc()).limit(MAX_READ))
    others = [each for each in found if each.host != session.host and session.created_at - each.created_at <= NIGHT]
    others.sort(key=lambda each: abs(each.created_at - session.created_at), reverse=True)
    nearest = {each.host: each for each in others}
    earlier = (each for each in found if each.host == session.host and each.id != session.id)
    before = next((each for each in earlier if each.created_at <= session.created_at), None)
    return [nearest[host] for host in sorted(nearest)], before
