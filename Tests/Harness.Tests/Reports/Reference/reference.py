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
X = [3.0, 1.0, 4.0, 1.0, 5.0]
Y = [2.0, 6.0, 5.0, 3.0, 5.0, 8.0]


def r(code):
    out = subprocess.run(["Rscript", "-e", f"options(digits=17);suppressMessages(library(survival));{code}"], check=True, capture_output=True, text=True)
    return [float(v) for v in out.stdout.split()]


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
P = [0.01, 0.04, 0.03, 0.005, 0.6, 0.03]

def wait_r(name, waits):
    return f"{name}t<-c({','.join(str(t) for t, _ in waits)});{name}e<-c({','.join(str(int(e)) for _, e in waits)});"


# survdiff's observed minus expected in the first group is the sum of the log-rank scores there.
difference = r(wait_r("a", WAIT_A) + wait_r("b", WAIT_B) + "d<-survdiff(Surv(c(at,bt),c(ae,be))~rep(1:2,c(length(at),length(bt))));cat(d$obs[1]-d$exp[1])")[0]

print(json.dumps({
    "a": A, "b": B, "x": X, "y": Y, "waits_a": WAIT_A, "waits_b": WAIT_B, "trend": TREND, "p": P,
    "median": float(np.median(A)), "median_odd": float(np.median(X)), "quantile_025": float(np.quantile(A, 0.025)),
    "superiority": float(stats.mannwhitneyu(Y, X).statistic / (len(X) * len(Y))),
    "signed_rank": float(stats.wilcoxon(A, B, mode="exact").pvalue),
    "holm": r(f"cat(p.adjust(c({','.join(map(str, P))}),method='holm'))"),
    "log_rank_observed_minus_expected": difference, "log_rank_permutation": log_rank_brute(WAIT_A, WAIT_B),
    "slopes": [float(stats.linregress(range(4), row).slope) for row in TREND],
    "normal_quantile_975": float(stats.norm.ppf(0.975)),
}, indent=1))
