"""Writes reference.json beside this file: what SciPy and scikit-learn say to random inputs.

`pip install scipy==1.16.3 scikit-learn==1.9.1; python make_reference.py`
"""

import json
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn.covariance import LedoitWolf
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

rng = np.random.default_rng(20260101)


def interval(result):
    return [float(result.low), float(result.high)]


def rates():
    for _ in range(60):
        n = int(rng.integers(1, 1500))
        hits = int(rng.integers(0, n + 1)) if rng.random() < 0.8 else int(rng.choice([0, n]))
        test = stats.binomtest(hits, n)
        yield {
            "hits": hits,
            "n": n,
            "wilson": interval(test.proportion_ci(0.95, method="wilson")),
            "exact": interval(test.proportion_ci(0.95, method="exact")),
            "upper": 1.0 if hits == n else float(stats.beta.ppf(0.95, hits + 1, n - hits)),
        }


def betas():
    for _ in range(80):
        a, b = np.exp(rng.uniform(-1, 7, 2))
        p = rng.uniform(0.001, 0.999)
        x = float(stats.beta.ppf(p, a, b))
        yield {"a": a, "b": b, "x": x, "cdf": float(stats.beta.cdf(x, a, b))}


def normals():
    for x in [*rng.normal(0, 3, 40), 0.0, 2.9999, 3.0001, -8.0, 12.0]:
        yield {"x": float(x), "cdf": float(stats.norm.cdf(x)), "p": float(2 * stats.norm.sf(abs(x)))}


def delong(first, second):
    """Straight from the definition: all pairs."""

    def components(positives, negatives):
        wins = (positives[:, None] > negatives[None]) + 0.5 * (positives[:, None] == negatives[None])
        return wins.mean(1), wins.mean(0)

    parts = [components(*score) for score in (first, second)]
    v10 = np.cov(np.stack([part[0] for part in parts]))
    v01 = np.cov(np.stack([part[1] for part in parts]))
    return v10 / len(first[0]) + v01 / len(first[1])


def rankings():
    for case in range(25):
        m, n = (int(k) for k in rng.integers(8, 70, 2))
        shared = rng.normal(0, 1, m + n)
        scores = []
        for shift in rng.uniform(0.2, 2.5, 2):
            score = shared * rng.uniform(0, 1.5) + rng.normal(0, 1, m + n)
            score[:m] += shift
            # ties in every third case
            scores.append(np.round(score, 0 if case % 3 == 0 else 6))
        split = [(score[:m], score[m:]) for score in scores]
        labels = [1] * m + [0] * n
        areas = [float(roc_auc_score(labels, score)) for score in scores]
        covariance = delong(*split)
        variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
        yield {
            "scores": [{"positives": p.tolist(), "negatives": q.tolist()} for p, q in split],
            "areas": areas,
            "correlation": float(stats.spearmanr(scores[0], scores[1]).statistic),
            "errors": [float(np.sqrt(covariance[i, i])) for i in (0, 1)],
            "p": float(2 * stats.norm.sf(abs(areas[0] - areas[1]) / np.sqrt(variance))),
        }


def paired():
    for _ in range(40):
        n = int(rng.integers(20, 400))
        common = rng.random(n) < rng.uniform(0.1, 0.9)
        alarms = [np.where(rng.random(n) < 0.3, rng.random(n) < rate, common) for rate in rng.uniform(0.1, 0.9, 2)]
        b = int((alarms[0] & ~alarms[1]).sum())
        c = int((alarms[1] & ~alarms[0]).sum())
        yield {
            "first": alarms[0].astype(int).tolist(),
            "second": alarms[1].astype(int).tolist(),
            "b": b,
            "c": c,
            "p": float(stats.binomtest(b, b + c, 0.5).pvalue),
        }


def adjusted():
    for _ in range(10):
        p = rng.random(int(rng.integers(1, 9))) ** 3
        order = np.argsort(p)
        steps = np.maximum.accumulate(np.minimum(1, p[order] * (len(p) - np.arange(len(p)))))
        holm = np.empty(len(p))
        holm[order] = steps
        yield {"p": p.tolist(), "holm": holm.tolist()}


def thresholds():
    """Order statistics by SciPy's binomial: among n maxima, the rate above the (n - k)-th is at most far with confidence P(Bin(n, far) > k)."""
    for _ in range(40):
        far = float(rng.choice([0.01, 0.02, 0.05, 0.1]))
        confidence = float(rng.choice([0.9, 0.95, 0.99]))
        n = int(rng.integers(20, 1500))
        above = -1
        while stats.binom.sf(above + 1, n, far) >= confidence:
            above += 1
        yield {"far": far, "confidence": confidence, "n": n, "above": above}


def bootstraps():
    for _ in range(5):
        values = rng.gamma(2, 1, int(rng.integers(40, 120)))
        result = stats.bootstrap((values,), np.mean, n_resamples=40000, method="percentile", rng=1)
        yield {
            "values": values.tolist(),
            "interval": interval(result.confidence_interval),
            "error": float(values.std() / np.sqrt(len(values))),
        }


def texts():
    words = "how do i bake bread steal a car without an oven being caught the lock of my neighbour explain tell me please why".split()
    for penalty in (0.001, 0.01, 0.1):
        lists = [" ".join(rng.choice(words, int(rng.integers(3, 14)))) for _ in range(60)]
        labels = (np.array(["steal" in text for text in lists]) ^ (rng.random(60) < 0.15)).astype(int)
        vectoriser = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
        features = vectoriser.fit_transform(lists[:40])
        model = LogisticRegression(C=1 / (penalty * 40), tol=1e-10, max_iter=10000).fit(features, labels[:40])
        yield {
            "penalty": penalty,
            "texts": lists,
            "labels": labels.tolist(),
            "width": features.shape[1],
            "scores": model.decision_function(vectoriser.transform(lists)).tolist(),
        }


def spreads():
    for _ in range(12):
        size = int(rng.integers(2, 10))
        count = int(rng.integers(size + 2, 120))
        points = rng.normal(0, 1, (count, size)) @ rng.normal(0, 1, (size, size)) + rng.normal(0, 3, size)
        model = LedoitWolf().fit(points)
        asked = rng.normal(0, 3, (4, size))
        yield {
            "points": points.tolist(),
            "shrinkage": float(model.shrinkage_),
            "asked": asked.tolist(),
            "distances": np.sqrt(model.mahalanobis(asked)).tolist(),
        }


kinds = [rates, betas, normals, rankings, paired, adjusted, thresholds, bootstraps, texts, spreads]
content = {kind.__name__: list(kind()) for kind in kinds}
Path(__file__).with_name("reference.json").write_text(json.dumps(content) + "\n")
