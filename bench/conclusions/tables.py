"""The tables on simulated runs."""

from bench.conclusions.simulated import (
    blocks,
    comparisons,
    histories,
    intervals,
    load,
    rates,
    regressions,
    spans,
    trends,
)
from bench.conclusions.table import Table

TABLES = (
    Table(
        "Medians",
        "Points that end at the standard effort, when the product has enough runs. The best that is possible: how "
        "often any interval as narrow as the wanted precision can hold the median, if its normal runs are as many.",
        "the interval holds the true median in 95 %, also of those that settle with up to 2 % noise. If runs depend on "
        "each other, this holds for tests of four points or more, whose runs are far apart in the random order.",
        intervals.medians,
        2000,
    ),
    Table(
        "Percentiles",
        "The share of intervals that hold the true percentile, by the kind of noise.",
        "95 %, also if the requests of a run are alike.",
        intervals.percentiles,
        2000,
    ),
    Table(
        "Trends within a point",
        "The share of trends whose interval excludes 0.",
        "at most 5 % without a drift, also if runs depend on each other.",
        trends.drifts,
        2000,
    ),
    Table(
        "Verdicts on drift",
        "The share of tests that are said to drift: steady ones, and ones that are 5 % slower at their end.",
        "at most 5 % of steady tests, also if runs depend on each other.",
        trends.verdicts,
        1000,
    ),
    Table(
        "Blocks of a test",
        "The mean number of blocks that a test takes at the standard effort, by the noise of each of its points.",
        "",
        blocks.blocks,
        1000,
    ),
    Table(
        "Drift of the machine",
        "How far it separates points that are equal.",
        "",
        blocks.drift,
        300,
    ),
    Table(
        "Models in turn",
        "Sessions of two models that take turns, until the product has enough blocks, 20 at most. The second model is "
        "slower by these percent, or as fast as the first. Autocorrelation of the machine: each run resembles the one "
        "measured before it, of whichever model. Autocorrelation alone: each run of a model resembles its own run "
        "before, whatever the other one does in between.",
        "at most 1 % of equal models are said to differ, also if the machine's runs resemble each other, unless those "
        "of each model do so alone. With normal noise of 1 %, models that are 2, 3 and 5 % slower are found in 80, 95 "
        "and 100 %.",
        blocks.models,
        1000,
    ),
    Table(
        "Two sessions",
        "Two sessions of 8 runs with 1 % noise, after some unchanged ones. Sessions lie apart by the spread, for no "
        "reason, by noise of the same kinds.",
        "at most 5 % of equal sessions are said to differ, unless one of ten is far slower as a whole.",
        comparisons.sessions,
        2000,
    ),
    Table(
        "Many differences",
        "Pages with many comparisons. Some of the compared are truly 3 % slower. The runs have 1 % noise. Two sessions "
        "lie apart by 0.5 %, after 10 unchanged ones.",
        "at most 5 % of the clear differences of a page are false, on average (the false discovery rate).",
        comparisons.pages,
        500,
    ),
    Table(
        "False alarms of histories",
        "The share of nightly histories without a change in which one is found. The spread is 1 % unless it is given.",
        "at most 1 % in 20 sessions, if the spread is normal, with an autocorrelation of up to 0.5.",
        histories.false_alarms,
        1000,
    ),
    Table(
        "Steps in histories",
        "The share of steps that are found. The best possible: what no test can exceed that knows neither the spread "
        "nor the autocorrelation, with as few false alarms, shared evenly over the nights. It would be another test in "
        "each cell.",
        "a step of 5 % is found within 3 nights in 95 %, after 30 nights or more.",
        histories.steps,
        1000,
    ),
    Table(
        "Drifts of histories",
        "Histories that become slower by 1 % a week for six weeks.",
        "95 % are found.",
        histories.drifts,
        500,
    ),
    Table(
        "Sizes of steps",
        "The share of found steps whose interval holds the true size.",
        "95 %.",
        histories.sizes,
        500,
    ),
    Table(
        "Outages",
        "Histories in which some nights in a row were 10 % slower, and all further ones as before.",
        "",
        histories.outages,
        500,
    ),
    Table(
        "Ends of regressions",
        "Histories with 30 nights, 20 that are worse by a step, and 20 in which something follows. The share of "
        "regressions that are said to be over within these.",
        "at most 1 % are over while nothing has changed, and of 10 % while half of it is left. 95 % are over when all "
        "is as before.",
        regressions.ends,
        100,
        slow=True,
    ),
    Table(
        "Spans of time",
        "Two spans of nightly sessions that follow each other, with a spread of 1 % between the sessions.",
        "at most 5 % of equal spans are said to differ. A change of 5 % is found in 95 %, from five sessions a span.",
        spans.spans,
        1000,
    ),
    Table(
        "Knees",
        "Curves of throughput from 8 runs at each number of users. The knee reaches 95 % of the peak.",
        "the range holds the true knee in 95 %.",
        load.knees,
        1000,
    ),
    Table(
        "Capacities",
        "Searches for the largest number of users of whose answers 95 % begin within a second, on servers with slots "
        "and a queue. A sweep measures each number of users with 121 answers, as many as prove a good one.",
        "95 % of searches are right to one user, and the ranges of 95 % hold the capacity. From four users on, a "
        "search takes at most half of the requests of a sweep. With fewer, a sweep is little more than the two numbers "
        "of users that a search has to prove as well.",
        load.capacity,
        100,
        slow=True,
    ),
    Table(
        "Rates",
        "Searches for the largest rate of requests of which 95 % begin within a second, on servers with slots and a "
        "queue, at the default of half an hour. The true rate is that of a steady state. Ends and widths of ranges are "
        'in percent of it. A lower end of 0 is shown as "at most".',
        "the ranges of 95 % hold the true rate.",
        rates.rates,
        100,
        slow=True,
    ),
)
