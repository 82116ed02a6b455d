"""Totals of lists: what came since is summed up, so that reading them stays fast."""

from common.store.changes import totals
from scheduler.duty import Duty

DUTY = Duty("totals", 60, totals.sum_up)
