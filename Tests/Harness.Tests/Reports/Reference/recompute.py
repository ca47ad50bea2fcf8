#!/usr/bin/python3
"""Decides the claims of an experiment again, from the rows of its database and the rules of docs/statistics.md.

    python3 recompute.py harness.db NAME decisions.json

Nothing but the standard library. Distributions are enumerated, and bounds are sought among all candidates, so no formula of the product is used.
Prints one line per setting of a claim, and exits with 1 if a number differs. decisions.json is what the product decided (see ClaimRecomputationTests).
"""
import bisect as sorted_list
import functools
import itertools
import json
import math
import sqlite3
import struct
import sys

TAIL, LEVEL, INFINITE = 0.025, 0.05, float("inf")
SHARES, LOSSES = ("solved", "diverged"), ("eval.loss", "test.loss", "train.set_loss")
POSITIVE = LOSSES + ("train.grad_norm_max", "parameters", "steps_to_target")
LOWER_IS_BETTER = LOSSES + ("parameters", "steps_to_target", "generalization_gap", "diverged")
MEAN_SQUARED_ERROR = ("adding", "mackey-glass")


# ---- the rows -------------------------------------------------------------------------------------------------------------------------

class Trial:
    def __init__(self, db, row):
        self.id, self.state, self.seed = row["id"], row["state"], row["seed"]
        self.outcome = json.loads(row["outcome"]) if row["outcome"] else None
        self.ended = self.state in ("completed", "diverged") and self.outcome is not None
        self.diverged = self.state == "diverged"
        self.db = db

    def get(self, name):
        value = self.outcome.get(name)
        return float(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else value

    def curve(self, metric):
        chunks = self.db.execute(
            "SELECT k.points FROM metric_chunk k JOIN metric m ON m.id = k.metric_id WHERE k.trial_id = ? AND m.name = ? ORDER BY k.first_step", (self.id, metric)).fetchall()
        return [value for (points,) in chunks for value in struct.unpack(f"<{len(points) // 4}f", points)]

    def slope(self, at):
        """Of the last layer's forward direction, for the cell state where there is one; the last moment where none is named."""
        order = {"init": 0, "middle": 1, "end": 2}
        rows = self.db.execute("SELECT moment, layer, state, slope FROM gradient_profile WHERE trial_id = ? AND backwards = 0", (self.id,)).fetchall()
        rows = [r for r in rows if at is None or r["moment"] == at.lower()]
        return None if not rows else min(rows, key=lambda r: (-order[r["moment"]], -r["layer"], r["state"]))["slope"]

    def value(self, metric, at):
        if metric == "eval.loss":
            return INFINITE if self.diverged else self.get("final_loss")
        if metric == "eval.accuracy":
            return 0.0 if self.diverged else self.get("final_accuracy")
        if metric == "gradient.slope":
            return None if self.diverged and at is None else self.slope(at)
        if metric == "train.grad_norm_max":
            norms = self.curve("train.grad_norm")
            return INFINITE if any(math.isnan(n) for n in norms) else max(norms)
        if metric == "train.set_loss":
            return INFINITE if self.diverged else (self.curve(metric) or [None])[-1]
        if metric == "generalization_gap":
            if self.diverged or not self.curve("train.set_loss"):
                return None
            return (self.get("final_loss") - self.curve("train.set_loss")[-1]) / self.get("baseline_loss")
        if metric == "steps_to_target":
            steps = self.get("steps_to_target")
            return INFINITE if steps is None else steps
        if metric == "solved":
            return 1.0 if self.outcome.get("solved") else 0.0
        raise SystemExit(f"recompute.py does not know the metric {metric}")


class Condition:
    def __init__(self, db, row, experiment):
        self.factors, self.spec, self.parameters = json.loads(row["factors"]), json.loads(row["spec"]), row["parameters"]
        self.task, self.steps = self.spec["task"]["kind"], self.spec["train"]["steps"]
        self.arm = self.factors.get("arm") or self.factors.get("cell") or self.spec["model"]["cell"]
        self.trials = [Trial(db, r) for r in db.execute(
            "SELECT t.* FROM experiment_trial e JOIN trial t ON t.id = e.trial_id WHERE e.experiment_id = ? AND e.condition = ? ORDER BY e.ordinal", (experiment, row["ordinal"]))]

    def values(self, metric, at):
        found = {t.seed: t.value(metric, at) for t in self.trials if t.ended}
        return {seed: value for seed, value in found.items() if value is not None and not math.isnan(value)}

    def waits(self):
        return [(t.get("steps_to_target"), True) if t.get("steps_to_target") is not None else (float(self.steps), False) for t in self.trials if t.ended]

    def learning(self, metric):
        """Loss ÷ baseline and the floor below which it counts as learning; None for metrics without a loss."""
        if metric not in LOSSES + ("eval.accuracy", "generalization_gap"):
            return None
        def loss(t):
            if t.diverged:
                return INFINITE
            if metric == "eval.accuracy":
                return t.get("best_loss") if t.get("best_loss") is not None else t.get("final_loss")
            return t.value("train.set_loss" if metric == "generalization_gap" else metric, None)
        pairs = [(loss(t), t.get("baseline_loss")) for t in self.trials if t.ended and t.get("baseline_loss") > 0]
        mean = sum(b for _, b in pairs) / len(pairs)
        error = math.sqrt(sum((b - mean) ** 2 for _, b in pairs) / (len(pairs) - 1)) if len(pairs) > 1 else 0
        return median([l / b for l, b in pairs]), min(max(1 - 2 * error / mean, 0), 0.95)


# ---- the tests ------------------------------------------------------------------------------------------------------------------------

def median(values):
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


@functools.lru_cache(maxsize=None)
def rank_sums(n):
    """How many of the 2^n sign patterns have which sum of positive ranks."""
    counts = {0: 1}
    for rank in range(1, n + 1):
        grown = dict(counts)
        for total, ways in counts.items():
            grown[total + rank] = grown.get(total + rank, 0) + ways
        counts = grown
    return counts


class SignedRank:
    """Wilcoxon's test of the location of paired differences, and the Hodges–Lehmann estimate."""

    def __init__(self, differences):
        self.n = len(differences)
        self.averages = sorted(a if a == b else (a + b) / 2 for i, a in enumerate(differences) for b in differences[i:])
        self.differences = differences

    def tail(self, count):
        return sum(ways for total, ways in rank_sums(self.n).items() if total >= math.floor(count)) / 2 ** self.n

    def above(self, bound):
        return self.tail(sum(1 if a > bound else 0.5 if a == bound else 0 for a in self.averages))

    def below(self, bound):
        return self.tail(sum(1 if a < bound else 0.5 if a == bound else 0 for a in self.averages))

    def estimate(self):
        value = median(self.averages)
        if self.n < 6:
            return value, min(self.differences), max(self.differences)
        # The bounds are averages: the first and the last that values just outside of them are rejected up to.
        low = next(a for i, a in enumerate(self.averages) if self.tail(len(self.averages) - i - 1) > TAIL)
        return value, low, next(a for i, a in enumerate(reversed(self.averages)) if self.tail(len(self.averages) - i - 1) > TAIL)


def binomial_above(n, successes, p):
    return sum(math.comb(n, k) * p ** k * (1 - p) ** (n - k) for k in range(successes, n + 1))


def root(rejected, low, high):
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if rejected(middle) else (low, middle)
    return low


def exact_share(k, n, tail=TAIL):
    low = 0.0 if k == 0 else root(lambda p: binomial_above(n, k, p) <= tail, 0.0, k / n)
    return low, 1.0 if k == n else 1 - root(lambda p: binomial_above(n, n - k, p) <= tail, 0.0, 1 - k / n)


class Shares:
    """Difference of two shares: exact unconditional test, ordered by the score statistic of Miettinen and Nurminen."""

    def __init__(self, x, n, y, m):
        self.x, self.n, self.y, self.m = x, n, y, m

    def above(self, d):
        return self.p(self.x, self.n, self.y, self.m, d)

    def below(self, d):
        return self.p(self.y, self.m, self.x, self.n, -d)

    @staticmethod
    @functools.lru_cache(maxsize=None)
    def score(x, n, y, m, d):
        # The likeliest p with q = p − d is where the derivative of the log-likelihood changes its sign.
        low, high = max(0.0, d), min(1.0, 1 + d)
        def slope(p):
            q, total = p - d, 0.0
            for k, size, share in ((x, n, p), (y, m, q)):
                share = min(max(share, 1e-15), 1 - 1e-15)
                total += k / share - (size - k) / (1 - share)
            return total
        p = root(lambda value: slope(value) > 0, low, high)
        q = p - d
        variance = (p * (1 - p) / n + q * (1 - q) / m) * (n + m) / (n + m - 1)
        distance = x / n - y / m - d
        return distance / math.sqrt(variance) if variance > 1e-12 else 0.0 if abs(distance) < 1e-12 else math.copysign(INFINITE, distance)

    @staticmethod
    def p(x, n, y, m, d):
        if d >= 1:
            return 1.0
        if d <= -1:
            return 1.0 if x == 0 and y == m else 0.0
        observed = Shares.score(x, n, y, m, d)
        extreme = [(i, j) for i in range(n + 1) for j in range(m + 1) if Shares.score(i, n, j, m, d) >= observed - 1e-7]
        clamp = lambda share: min(max(share, max(0, -d)), min(1, 1 - d))
        low, high = map(clamp, exact_share(y, m, 0.5e-4))
        worst = 0.0
        for step in range(201):
            q = low + (high - low) * step / 200
            p = min(max(q + d, 0), 1)
            first, second = ([math.comb(size, k) * share ** k * (1 - share) ** (size - k) for k in range(size + 1)] for size, share in ((n, p), (m, q)))
            worst = max(worst, sum(first[i] * second[j] for i, j in extreme))
        return min(1.0, worst + 1e-4)

    def estimate(self):
        value = self.x / self.n - self.y / self.m
        low = root(lambda d: self.above(d) <= TAIL, -1.0, value)
        return value, low, -root(lambda d: self.below(-d) <= TAIL, -1.0, -value)


class Times:
    """How much sooner the first group reaches the target: the log-rank test over all assignments of the runs to the groups."""

    def __init__(self, first, second, budget_first, budget_second, by_factor):
        self.first, self.second, self.budgets, self.by_factor = first, second, (budget_first, budget_second), by_factor

    def later(self, time, effect):
        return time * math.exp(effect) if self.by_factor else time + effect

    def scores(self, effect):
        horizon = min(self.later(self.budgets[0], effect), self.budgets[1])
        pooled = [(self.later(t, effect), e) for t, e in self.first] + list(self.second)
        pooled = [(t, True) if e and t <= horizon else (horizon, False) for t, e in pooled]
        hazard = {t: sum(1 for u, e in pooled if e and u == t) / sum(1 for u, _ in pooled if u >= t) for t in {t for t, e in pooled if e}}
        return [(1 if e else 0) - sum(h for t, h in hazard.items() if t <= u) for u, e in pooled]

    def tail(self, effect, sign):
        scores = [sign * s for s in self.scores(effect)]
        size, half = len(self.first), len(scores) // 2
        observed = sum(scores[:size])
        # Every assignment is a subset of each half: sums of one half are looked up among the sorted sums of the other.
        sums = []
        for part in (scores[:half], scores[half:]):
            by_size = {}
            for k in range(len(part) + 1):
                by_size[k] = sorted(sum(c) for c in itertools.combinations(part, k))
            sums.append(by_size)
        hits = all_of_them = 0
        for k, left in sums[0].items():
            right = sums[1].get(size - k)
            if right is None:
                continue
            all_of_them += len(left) * len(right)
            hits += sum(len(right) - sorted_list.bisect_left(right, observed - 1e-10 - value) for value in left)
        return hits / all_of_them

    def above(self, effect):
        return self.tail(effect, 1)

    def below(self, effect):
        return self.tail(effect, -1)

    def estimate(self):
        mine = {t for t, e in self.first if e} | {self.budgets[0]}
        theirs = {t for t, e in self.second if e} | {self.budgets[1]}
        candidates = sorted({math.log(u) - math.log(t) if self.by_factor else u - t for t in mine for u in theirs})
        surplus = lambda effect: sum(self.scores(effect)[:len(self.first)])
        # Everything is constant between candidates.
        value = next((c for c in candidates if surplus(c + 1e-9) <= 1e-10), INFINITE)
        if value == candidates[0] and surplus(candidates[0] - 1) <= 1e-10:
            value = -INFINITE
        # A bound lies where the test begins, or ceases, to reject.
        low = -INFINITE if self.above(candidates[0] - 1) > TAIL else max(c for c in candidates if self.above(c - 1e-7) <= TAIL)
        high = INFINITE if self.below(candidates[-1] + 1) > TAIL else min(c for c in candidates if self.below(c + 1e-7) <= TAIL)
        return value, low, high


# ---- the claims -----------------------------------------------------------------------------------------------------------------------

def pairs(claim, conditions):
    rival = claim.get("beats") or claim.get("equal_to")
    covered = [c for c in conditions if all(c.factors.get(k) in v for k, v in (claim.get("where") or {}).items())]
    first = [c for c in covered if c.arm == claim["that"]]
    if rival is None:
        return [(c, None) for c in first]
    second = [c for c in covered if c.arm == rival]
    factors = {f for c in first + second for f in c.factors if f not in ("cell", "arm")}
    def levels(side, factor):
        return {c.factors[factor] for c in side if factor in c.factors}
    labelled = any("arm" in c.factors for c in first + second)
    question = lambda f: f in ("task", "length", "shortest", "classes", "evaluation.length")
    shared = [f for f in factors if levels(first, f) and levels(second, f) and (not labelled or question(f) or levels(first, f) & levels(second, f))]
    return [(a, b) for a in first for b in second if all(a.factors.get(f) == b.factors.get(f) for f in shared)]


def ruling(win, loss, within):
    for kind, p in (("Supported", win), ("Contradicted", loss), ("NoMeaningfulDifference", within)):
        if p <= TAIL:
            return kind, 2 * p
    return "Inconclusive", 1.0


def is_nats(metric, condition):
    return metric in LOSSES and condition.task not in MEAN_SQUARED_ERROR


def compare(claim, a, b):
    metric, equals = claim["on"], "equal_to" in claim
    factor, amount = claim.get("by_factor"), claim.get("by_amount")
    ratio = metric in POSITIVE and not is_nats(metric, a) if amount is None else False
    if equals:
        ratio = not is_nats(metric, a)
    if metric == "parameters":
        effect = math.log(a.parameters / b.parameters) if equals else math.log(b.parameters / a.parameters)
        if equals:
            return "Supported" if abs(effect) <= math.log(claim["within_factor"]) else "Contradicted", 0.0, effect, None, None
        needed = math.log(factor) if factor else math.log(1.05)
        return "Supported" if effect > needed - 1e-12 else "Contradicted" if factor or effect < -math.log(1.05) else "NoMeaningfulDifference", 0.0, effect, None, None
    x, y = (b, a) if metric in LOWER_IS_BETTER and not equals else (a, b)
    if metric in SHARES:
        vx, vy = x.values(metric, None), y.values(metric, None)
        if metric == "solved" and not sum(vx.values()) + sum(vy.values()):
            return "NotTested", 1.0, None, None, None
        test = Shares(int(sum(vx.values())), len(vx), int(sum(vy.values())), len(vy))
        n = min(len(vx), len(vy))
    elif metric == "steps_to_target":
        reached = [sum(1 for _, e in c.waits() if e) / len(c.waits()) for c in (a, b)]
        if sum(reached) == 0 or equals and min(reached) < 0.5:
            return "NotTested", 1.0, None, None, None
        test = Times(y.waits(), x.waits(), y.steps, x.steps, ratio)
        n = min(len(x.waits()), len(y.waits()))
    else:
        learned = [c.learning(metric) for c in (a, b)]
        if learned[0] and all(not loss < floor for loss, floor in learned):
            return "NotTested", 1.0, None, None, None
        vx, vy = x.values(metric, claim.get("at")), y.values(metric, claim.get("at"))
        log = lambda v: -INFINITE if v == 0 else math.log(v)
        differences = [(log(vx[s]) - log(vy[s])) if ratio else vx[s] - vy[s] for s in sorted(vx.keys() & vy.keys())]
        test = SignedRank([d for d in differences if not math.isnan(d)])
        n = test.n
    if equals:
        margin = math.log(claim["within_factor"]) if ratio else 0.02
        within = max(2.0 ** -n, test.above(-margin), test.below(margin))
        outside = min(test.above(margin), test.below(-margin))
        kind, p = ruling(within, outside, 1)
    else:
        margin = math.log(1.05) if ratio else 0.005 if metric == "gradient.slope" else 0.02
        named = math.log(factor) if factor else amount
        needed, refuted = (named, named) if named is not None else (margin, -margin)
        within = max(2.0 ** -n, test.above(-margin), test.below(margin)) if named is None else 1
        kind, p = ruling(test.above(needed), test.below(refuted), within)
    return kind, p, *test.estimate()


def threshold(claim, a):
    metric, below = claim["on"], claim.get("below") is not None
    bound = claim["below"] if below else claim["above"]
    values = list(a.values(metric, claim.get("at")).values())
    n = len(values)
    if metric in SHARES:
        k = int(sum(values))
        over, under = binomial_above(n, k, bound), binomial_above(n, n - k, 1 - bound)
        low, high = exact_share(k, n)
        kind, p = ruling(under, over, 1) if below else ruling(over, under, 1)
        return (kind, p, bound - k / n, bound - high, bound - low) if below else (kind, p, k / n - bound, low - bound, high - bound)
    smaller = sum(1 for v in values if v < bound)
    larger = sum(1 for v in values if v > bound and (math.isfinite(v) or metric != "steps_to_target" or bound <= a.steps))
    win, loss = (binomial_above(n, k, 0.5) for k in ((smaller, larger) if below else (larger, smaller)))
    kind, p = ruling(win, loss, 1)
    ordered = sorted(values)
    cut = max(i for i in range(n // 2 + 1) if i == 0 or binomial_above(n, n - i, 0.5) <= TAIL) if n >= 6 else 0
    distance = (lambda v: (math.log(bound) - math.log(v)) if metric in POSITIVE else bound - v) if below else (lambda v: (math.log(v) - math.log(bound)) if metric in POSITIVE else v - bound)
    ends = sorted((distance(ordered[cut]), distance(ordered[n - 1 - cut])))
    return kind, p, distance(median(values)), *ends


def conclude(claim, facets):
    """Kind and p of a claim before the correction for the family."""
    tested = [f for f in facets if f[0] != "NotTested"]
    if not tested:
        return "NotTested", None
    half = 2 if claim.get("by_factor") or claim.get("by_amount") is not None or "below" in claim or "above" in claim else 1
    corrected = lambda f: 1 if f[0] == "Inconclusive" else min(1, f[1] * len(tested) / half)
    if len({f[0] for f in tested}) == 1:
        return (tested[0][0], 1.0) if tested[0][0] == "Inconclusive" else (tested[0][0], max(f[1] for f in tested))
    answers = {}
    for f in tested:
        if corrected(f) <= LEVEL:
            answers[f[0]] = min(answers.get(f[0], 1), corrected(f))
    return ("Depends", sorted(answers.values())[1]) if len(answers) > 1 else ("Inconclusive", 1.0)


def holm(ps):
    order, largest, adjusted = sorted(range(len(ps)), key=lambda i: ps[i]), 0.0, [0.0] * len(ps)
    for rank, i in enumerate(order):
        largest = max(largest, min(1, (len(ps) - rank) * ps[i]))
        adjusted[i] = largest
    return adjusted


def differs(a, b, tolerance):
    if a is None or b is None:
        return a is not b
    return a != b and not abs(a - b) <= tolerance


def main(path, name, decisions):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    experiment = db.execute("SELECT * FROM experiment WHERE name = ? ORDER BY id DESC", (name,)).fetchone()
    conditions = [Condition(db, row, experiment["id"]) for row in db.execute("SELECT * FROM condition WHERE experiment_id = ? ORDER BY ordinal", (experiment["id"],)).fetchall()]
    with open(decisions) as file:
        theirs = {d["id"]: d for d in json.load(file)}
    for facet in (f for d in theirs.values() for f in d["facets"]):
        facet.update({k: float(v) for k, v in facet.items() if k != "kind" and v is not None})
    mine, faults = [], 0
    for claim in json.loads(experiment["claims"]):
        facets = [compare(claim, a, b) if b is not None else threshold(claim, a) for a, b in pairs(claim, conditions)]
        mine.append((claim, facets, *conclude(claim, facets)))
    family = [i for i, (claim, _, _, p) in enumerate(mine) if p is not None and claim["on"] != "parameters"]
    adjusted = dict(zip(family, holm([mine[i][3] for i in family])))
    for i, (claim, facets, kind, p) in enumerate(mine):
        their = theirs.pop(claim["id"])
        kind = kind if i not in adjusted or adjusted[i] <= LEVEL else "Inconclusive"
        wrong = [] if kind == their["kind"] else [f"verdict {kind}, theirs {their['kind']}"]
        if differs(adjusted.get(i), their["p"], 1e-9):
            wrong.append(f"corrected p {adjusted.get(i)}, theirs {their['p']}")
        if len(facets) != len(their["facets"]):
            wrong.append(f"{len(facets)} settings, theirs {len(their['facets'])}")
        for facet, other in zip(facets, their["facets"]):
            # Bounds that the product seeks by bisection are right to a millionth.
            sought = 2e-6 if claim["on"] in SHARES + ("steps_to_target",) else 1e-9
            for what, a, b, tolerance in zip(("kind", "p", "effect", "low", "high"), facet, (other["kind"], other["p"], other["effect"], other["low"], other["high"]), (0, 1e-9, 1e-9, sought, sought)):
                if what == "kind" and a != b or what != "kind" and facet[0] != "NotTested" and differs(a, b, tolerance):
                    wrong.append(f"{what} {a}, theirs {b}")
        faults += len(wrong)
        print(f"{'DIFFERS' if wrong else 'equal':8}{claim['id']:36}{kind:24}{len(facets)} settings" + "".join(f"\n        {w}" for w in wrong))
    for missing in theirs:
        faults += 1
        print(f"DIFFERS {missing}: not a claim of the experiment")
    print(f"{len(mine)} claims, {faults} differences")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
