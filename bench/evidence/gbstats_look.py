"""One anytime-valid look by GrowthBook's gbstats on the tallies that come in as JSON: its numbers, and how long a call takes."""

import json
import sys
import time

from gbstats.frequentist.tests import SequentialConfig, SequentialTwoSidedTTest
from gbstats.models.statistics import RatioStatistic, SampleMeanStatistic


def side(tally):
    return RatioStatistic(
        n=tally["users"],
        m_statistic=SampleMeanStatistic(n=tally["users"], sum=tally["sumY"], sum_squares=tally["sumYY"]),
        d_statistic=SampleMeanStatistic(n=tally["users"], sum=tally["sumK"], sum_squares=tally["sumKK"]),
        m_d_sum_of_products=tally["sumYK"],
    )


def look(champion, challenger):
    config = SequentialConfig(difference_type="absolute", alpha=0.05, sequential_tuning_parameter=5000)
    return SequentialTwoSidedTTest(side(champion), side(challenger), config).compute_result()


given = json.load(sys.stdin)
result = look(given["champion"], given["challenger"])
rounds = []
for _ in range(given["rounds"]):
    start = time.perf_counter_ns()
    for _ in range(given["calls"]):
        look(given["champion"], given["challenger"])
    rounds.append((time.perf_counter_ns() - start) / given["calls"])
json.dump(
    {"nanoseconds": sorted(rounds)[len(rounds) // 2], "difference": float(result.expected), "lower": float(result.ci[0])},
    sys.stdout,
)
