"""Writes statistics.json: what SciPy and statsmodels say, for tests/results/statistics_test.ts.

    python3 -m venv /tmp/v && /tmp/v/bin/pip install scipy==1.17.1 statsmodels
    /tmp/v/bin/python tests/results/references/make.py > tests/results/references/statistics.json
"""
import json
import platform

import numpy as np
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.multitest import multipletests

random = np.random.default_rng(20)


def samples():
    yield "five seeds", [0.912, 0.905, 0.921, 0.899, 0.915], [0.918, 0.913, 0.919, 0.911, 0.925]
    yield "three seeds", [1.0, 2.0, 4.0], [1.5, 2.25, 5.0]
    yield "two seeds", [1.0, 2.0], [3.0, 5.0]
    yield "ties", [1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 5, 6, 4, 9, 10, 10]
    yield "ties and zeros", [1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 6, 4, 9, 9, 5, 9]
    yield "large offset", [1e6 + i for i in range(6)], [1e6 + i + 0.5 * i for i in range(6)]
    # Darwin's maize, the example of Fisher (1935): crossed and self-fertilised plants
    yield "maize", [17.375, 20.375, 20, 20, 18.375, 18.625, 18.625, 15.25, 16.5, 18, 16.25, 18, 12.75, 15.5, 18], \
        [23.5, 12, 21, 22, 19.125, 21.5, 22.125, 20.375, 18.25, 21.625, 23.25, 21, 22.125, 23, 12]
    for n in (7, 12, 30, 60):
        a = random.normal(0, 1, n)
        yield f"normal {n}", a.tolist(), (a + random.normal(0.3, 0.5, n)).tolist()
    a = random.exponential(1, 11)
    yield "skewed 11", a.tolist(), (a + random.exponential(1, 11) - 0.8).tolist()


def wilcoxon(differences):
    """Exact by all orders of signs where ties are and these are few, else as SciPy does."""
    changed = differences[differences != 0]
    tied = len(set(np.abs(changed))) < len(changed)
    if len(changed) > 50:
        method = "approx"
    elif tied:
        method = stats.PermutationMethod(n_resamples=np.inf)
    else:
        method = "exact"
    found = stats.wilcoxon(changed, zero_method="wilcox", correction=False, method=method)
    return {"statistic": float(found.statistic), "p": float(found.pvalue)}


def permutation(differences):
    if len(differences) > 14:
        return None
    found = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=np.inf
    )
    return {"statistic": float(found.statistic), "p": float(found.pvalue)}


def interval(found):
    return [float(found.low), float(found.high)]


def describe(values):
    values = np.array(values, dtype=float)
    n = len(values)
    boot = {}
    if 2 < n <= 15:
        for method in ("percentile", "BCa"):
            found = stats.bootstrap(
                (values,), np.mean, n_resamples=499, method=method, rng=np.random.default_rng(3)
            )
            boot[method.lower()] = interval(found.confidence_interval)
            boot["replicates"] = found.bootstrap_distribution.tolist()
    low, high = stats.t.interval(0.95, n - 1, loc=values.mean(), scale=stats.sem(values))
    return {
        "mean": float(values.mean()),
        "std": float(values.std(ddof=1)),
        "median": float(np.median(values)),
        "iqm": float(stats.trim_mean(values, 0.25)),
        "t": [float(low), float(high)],
        "bootstrap": boot,
    }


def case(name, a, b):
    differences = np.array(b, dtype=float) - np.array(a, dtype=float)
    t = stats.ttest_rel(b, a)
    changed = differences[differences != 0]
    ranks = stats.rankdata(np.abs(changed))
    return {
        "name": name,
        "a": a,
        "b": b,
        "describe": describe(b),
        "t": {"statistic": float(t.statistic), "p": float(t.pvalue)},
        "wilcoxon": wilcoxon(differences),
        "permutation": permutation(differences),
        # Cohen's d of differences is t / sqrt(n); Kerby's (2014) difference of rank shares
        "cohensD": float(t.statistic / np.sqrt(len(differences))),
        "rankBiserial": float(np.sum(np.sign(changed) * ranks) / np.sum(ranks)),
    }


P = [[0.01, 0.04, 0.03, 0.005], [0.5, 0.9, 0.02], [0.04], [0.01, 0.01, 0.2, 1.0, 0.0001]]
print(json.dumps({
    "source": f"SciPy {scipy.__version__}, statsmodels {statsmodels.__version__}, "
              f"NumPy {np.__version__}, Python {platform.python_version()}",
    "script": "tests/results/references/make.py",
    "pairs": [case(*sample) for sample in samples()],
    "holm": [{"p": p, "adjusted": multipletests(p, method="holm")[1].tolist()} for p in P],
    "student": [{"p": p, "df": df, "quantile": float(stats.t.ppf(p, df)),
                 "cdf": float(stats.t.cdf(-2.5, df))}
                for p in (0.9, 0.975, 0.995) for df in (1, 2, 4, 29, 1000)],
}, indent=1))
