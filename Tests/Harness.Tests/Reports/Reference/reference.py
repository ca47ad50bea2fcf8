#!/usr/bin/python3
"""Reference values for Statistics, computed independently: scipy and R where they have the function, else by brute force.

    apt-get install python3-scipy r-base-core r-cran-survival
    /usr/bin/python3 reference.py > reference.json

Written with scipy 1.10.1 and R 4.2.2 (survival 3.5).
"""
import itertools
import json
import math
import subprocess

import numpy as np
from scipy import stats

A = [0.52, 0.13, 0.91, 0.37, 0.66, 0.28, 0.75, 0.44]
B = [0.61, 0.35, 1.30, 0.42, 0.59, 0.71, 1.02, 0.88]
# Dyadic: sums are exact in any order, so that ties between a resample and the sample are the same everywhere.
DYADIC = [0.5, 0.125, 1.875, 0.375, 0.625, 0.25, 0.75, 0.4375]
TIED = [1.0, 2.0, 2.0, 3.0, -1.0, 0.0, 4.0, -2.0, 5.0]
X = [3.0, 1.0, 4.0, 1.0, 5.0]
Y = [2.0, 6.0, 5.0, 3.0, 5.0, 8.0]


def r(code):
    out = subprocess.run(["Rscript", "-e", f"options(digits=17);suppressMessages(library(survival));{code}"], check=True, capture_output=True, text=True)
    return [float(v) for v in out.stdout.split()]


def splitmix(seed):
    mask = (1 << 64) - 1
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        yield z ^ (z >> 31)


def resamples(sample, count):
    numbers = splitmix(0x5EED0F4A122026)
    return [[sample[(next(numbers) * len(sample)) >> 64] for _ in sample] for _ in range(count)]


def percentile(sample, statistic, level=0.95, count=10000):
    draws = [statistic(x) for x in resamples(sample, count)]
    return [float(np.quantile(draws, (1 - level) / 2)), float(np.quantile(draws, (1 + level) / 2))]


def bca(sample, statistic, level=0.95, count=10000):
    value = statistic(sample)
    draws = np.array([statistic(x) for x in resamples(sample, count)])
    z0 = stats.norm.ppf(np.mean(draws < value) + np.mean(draws == value) / 2)
    jack = np.array([statistic(sample[:i] + sample[i + 1:]) for i in range(len(sample))])
    d = jack.mean() - jack
    a = (d ** 3).sum() / (6 * (d ** 2).sum() ** 1.5)
    def at(p):
        z = z0 + stats.norm.ppf(p)
        return float(np.quantile(draws, stats.norm.cdf(z0 + z / (1 - a * z))))
    return [at((1 - level) / 2), at((1 + level) / 2)]


def two_sided(values, observed):
    values = np.array(values)
    return float(min(1, 2 * min(np.mean(values <= observed + 1e-9), np.mean(values >= observed - 1e-9))))


def signed_rank_brute(d):
    d = [v for v in d if v != 0]
    ranks = stats.rankdata(np.abs(d))
    sums = [sum(rank for rank, sign in zip(ranks, signs) if sign) for signs in itertools.product([0, 1], repeat=len(d))]
    return two_sided(sums, sum(rank for rank, v in zip(ranks, d) if v > 0))


def mann_whitney_brute(x, y):
    ranks = stats.rankdata(x + y)
    sums = [sum(c) for c in itertools.combinations(ranks, len(x))]
    return two_sided(sums, sum(ranks[: len(x)]))


def scores(waits):
    times = sorted({t for t, e in waits if e})
    hazard = {t: sum(1 for u, e in waits if e and u == t) / sum(1 for u, e in waits if u >= t) for t in times}
    return [(1 if e else 0) - sum(h for t, h in hazard.items() if t <= u) for u, e in waits]


def log_rank_brute(a, b):
    s = scores(a + b)
    observed = abs(sum(s[: len(a)]))
    sums = [abs(sum(c)) for c in itertools.combinations(s, len(a))]
    return float(np.mean(np.array(sums) >= observed - 1e-10))


WAIT_A = [[300, True], [450, True], [450, True], [700, True], [1000, False], [1000, False]]
WAIT_B = [[250, True], [300, True], [350, True], [450, True], [500, True], [900, False]]
TREND = [[0.1, 0.3, 0.2, 0.5], [0.2, 0.4, 0.6, 0.5], [0.15, 0.1, 0.35, 0.6], [0.3, 0.2, 0.5, 0.9]]
LOG_RATIOS = [0.02, -0.05, 0.04, 0.01, -0.02, 0.03, 0.06, -0.01]
P = [0.01, 0.04, 0.03, 0.005, 0.6, 0.03]

diff = [a - b for a, b in zip(A, B)]
margin = math.log(1.1)
t_interval = stats.t.interval(0.90, len(LOG_RATIOS) - 1, np.mean(LOG_RATIOS), stats.sem(LOG_RATIOS))
trim = lambda v: float(stats.trim_mean(v, 0.25))


def wait_r(name, waits):
    return f"{name}t<-c({','.join(str(t) for t, _ in waits)});{name}e<-c({','.join(str(int(e)) for _, e in waits)});"


km = r(wait_r("a", WAIT_A) + "f<-survfit(Surv(at,ae)~1);cat(rbind(f$time[f$n.event>0],f$surv[f$n.event>0]))")
# survdiff's observed minus expected in the first group is the sum of the log-rank scores there.
difference = r(wait_r("a", WAIT_A) + wait_r("b", WAIT_B) + "d<-survdiff(Surv(c(at,bt),c(ae,be))~rep(1:2,c(length(at),length(bt))));cat(d$obs[1]-d$exp[1])")[0]

print(json.dumps({
    "a": A, "b": B, "tied": TIED, "x": X, "y": Y, "waits_a": WAIT_A, "waits_b": WAIT_B, "trend": TREND, "log_ratios": LOG_RATIOS, "p": P,
    "median": float(np.median(A)), "median_odd": float(np.median(X)), "quantile_025": float(np.quantile(A, 0.025)),
    "iqm": trim(A), "iqm_nine": trim(TIED),
    "percentile_mean": percentile(A, lambda v: float(np.mean(v))), "percentile_median": percentile(A, lambda v: float(np.median(v))),
    "dyadic": DYADIC, "bca_mean": bca(DYADIC, lambda v: float(np.mean(v))), "bca_iqm": bca(DYADIC, trim),
    "superiority": float(stats.mannwhitneyu(Y, X).statistic / (len(X) * len(Y))),
    "signed_rank": float(stats.wilcoxon(A, B, mode="exact").pvalue), "signed_rank_tied": signed_rank_brute(TIED),
    "mann_whitney": float(stats.mannwhitneyu(A, B, method="exact").pvalue) if len(set(A + B)) == len(A + B) else None,
    "mann_whitney_tied": mann_whitney_brute(X, Y),
    "sign_flip_greater": float(stats.permutation_test((np.array(diff),), np.mean, permutation_type="samples", alternative="greater", n_resamples=np.inf).pvalue),
    "sign_flip": float(stats.permutation_test((np.array(diff),), np.mean, permutation_type="samples", alternative="two-sided", n_resamples=np.inf).pvalue),
    "holm": r(f"cat(p.adjust(c({','.join(map(str, P))}),method='holm'))"),
    "tost_p": float(max(stats.ttest_1samp(LOG_RATIOS, -margin, alternative="greater").pvalue, stats.ttest_1samp(LOG_RATIOS, margin, alternative="less").pvalue)),
    "tost_interval": [math.exp(t_interval[0]), math.exp(t_interval[1])],
    "wilson_3_of_8": list(stats.binomtest(3, 8).proportion_ci(method="wilson")), "wilson_0_of_5": list(stats.binomtest(0, 5).proportion_ci(method="wilson")),
    "wilson_5_of_5": list(stats.binomtest(5, 5).proportion_ci(method="wilson")),
    "fisher_5_5_0_5": r("cat(fisher.test(matrix(c(5,0,0,5),2))$p.value)")[0], "fisher_7_8_3_9": r("cat(fisher.test(matrix(c(7,1,3,6),2))$p.value)")[0],
    "kaplan_meier": [km[i:i + 2] for i in range(0, len(km), 2)],
    "log_rank_observed_minus_expected": difference, "log_rank_permutation": log_rank_brute(WAIT_A, WAIT_B),
    "page": float(stats.page_trend_test(TREND, method="exact").pvalue),
    "slopes": [float(stats.linregress(range(4), row).slope) for row in TREND],
    "normal_quantile_975": float(stats.norm.ppf(0.975)),
}, indent=1))
