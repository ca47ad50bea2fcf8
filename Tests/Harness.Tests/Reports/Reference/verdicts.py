#!/usr/bin/python3
"""Reference values for the tests that decide claims, by brute force: nothing but the standard library, and no formula that the product uses.

    python3 verdicts.py > verdicts.json
"""
import itertools
import json
import math

TAIL = 0.025
DIFFERENCES = [-0.09, -0.22, -0.39, -0.05, 0.07, -0.43, -0.27, -0.44, -0.13]
WAIT_A = [[300, True], [450, True], [450, True], [700, True], [1000, False], [1000, False]]
WAIT_B = [[250, True], [300, True], [350, True], [450, True], [500, True], [1000, False]]
BUDGET = 1000


def signed_rank_above(d, bound):
    """P over all sign patterns of |d - bound| of a positive rank sum at least as large as the observed one."""
    shifted = [v - bound for v in d]
    order = sorted(range(len(d)), key=lambda i: abs(shifted[i]))
    rank = {i: r + 1 for r, i in enumerate(order)}
    observed = sum(rank[i] for i in range(len(d)) if shifted[i] > 0)
    hits = sum(1 for signs in itertools.product([0, 1], repeat=len(d)) if sum(r + 1 for r, sign in enumerate(signs) if sign) >= observed)
    return hits / 2 ** len(d)


def bisect(rejected, low, high):
    """The border between values that are rejected (low) and values that are not (high)."""
    for _ in range(60):
        middle = (low + high) / 2
        if rejected(middle):
            low = middle
        else:
            high = middle
    return low


def binomial(n, k, p):
    return math.comb(n, k) * p ** k * (1 - p) ** (n - k)


def log_likelihood(x, n, p):
    return (x * math.log(p) if x else 0) + ((n - x) * math.log(1 - p) if n - x else 0)


def constrained(x, n, y, m, d):
    """The likeliest p with q = p - d, by golden section."""
    tiny = 1e-12
    low, high = max(0, d) + tiny, min(1, 1 + d) - tiny
    f = lambda p: log_likelihood(x, n, min(max(p, tiny), 1 - tiny)) + log_likelihood(y, m, min(max(p - d, tiny), 1 - tiny))
    ratio = (math.sqrt(5) - 1) / 2
    for _ in range(200):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        if f(a) < f(b):
            low = a
        else:
            high = b
    return (low + high) / 2


def score(x, n, y, m, d):
    p = constrained(x, n, y, m, d)
    q = p - d
    variance = (p * (1 - p) / n + q * (1 - q) / m) * (n + m) / (n + m - 1)
    return (x / n - y / m - d) / math.sqrt(variance) if variance > 1e-9 else 0.0


def likely(y, m):
    """Where the second share lies with 99.99 % confidence."""
    tail = 0.5e-4
    low = 0.0 if y == 0 else bisect(lambda p: sum(binomial(m, k, p) for k in range(y, m + 1)) <= tail, 0.0, y / m)
    high = 1.0 if y == m else 1 - bisect(lambda p: sum(binomial(m, k, p) for k in range(m - y, m + 1)) <= tail, 0.0, 1 - y / m)
    return low, high


def share_above(x, n, y, m, d, grid=200):
    observed = score(x, n, y, m, d)
    extreme = [(i, j) for i in range(n + 1) for j in range(m + 1) if score(i, n, j, m, d) >= observed - 1e-6]
    worst = 0
    for step in range(grid + 1):
        low, high = (min(max(share, 0, -d), 1, 1 - d) for share in likely(y, m))
        q = low + (high - low) * step / grid
        p = min(max(q + d, 0), 1)
        worst = max(worst, sum(binomial(n, i, p) * binomial(m, j, q) for i, j in extreme))
    return worst + 1e-4


def log_rank_above(first, second, budget, effect):
    """P over all assignments of as many events beyond expectation in the first group, whose times were multiplied by exp(effect)."""
    horizon = min(budget * math.exp(effect), budget)
    cut = lambda t, e: (t, True) if e and t <= horizon else (horizon, False)
    pooled = [cut(t * math.exp(effect), e) for t, e in first] + [cut(t, e) for t, e in second]
    times = sorted({t for t, e in pooled if e})
    hazard = {t: sum(1 for u, e in pooled if e and u == t) / sum(1 for u, e in pooled if u >= t) for t in times}
    s = [(1 if e else 0) - sum(h for t, h in hazard.items() if t <= u) for u, e in pooled]
    observed = sum(s[: len(first)])
    sums = [sum(c) for c in itertools.combinations(s, len(first))]
    return sum(1 for v in sums if v >= observed - 1e-10) / len(sums)


averages = sorted((a + b) / 2 for i, a in enumerate(DIFFERENCES) for b in DIFFERENCES[i:])
mirrored = [-v for v in DIFFERENCES]
print(json.dumps({
    "differences": DIFFERENCES, "waits_a": WAIT_A, "waits_b": WAIT_B, "budget": BUDGET,
    "location": averages[len(averages) // 2],
    "location_above": {str(b): signed_rank_above(DIFFERENCES, b) for b in (-0.6, -0.3, -0.21, 0.0)},
    "location_low": bisect(lambda b: signed_rank_above(DIFFERENCES, b) <= TAIL, -1.0, averages[len(averages) // 2]),
    "location_high": -bisect(lambda b: signed_rank_above(mirrored, b) <= TAIL, -1.0, -averages[len(averages) // 2]),
    "share_above": {str(d): share_above(7, 8, 3, 9, d) for d in (-0.2, 0.0, 0.1, 0.3)},
    "share_low": bisect(lambda d: share_above(7, 8, 3, 9, d, 100) <= TAIL, -0.5, 7 / 8 - 3 / 9),
    "clopper_3_of_8": [bisect(lambda p: sum(binomial(8, k, p) for k in range(3, 9)) <= TAIL, 0.0, 3 / 8),
                       1 - bisect(lambda p: sum(binomial(8, k, p) for k in range(5, 9)) <= TAIL, 0.0, 5 / 8)],
    "times_above": {str(e): log_rank_above(WAIT_B, WAIT_A, BUDGET, e) for e in (-1.0, -0.3, 0.013, 0.5)},
}, indent=1))
