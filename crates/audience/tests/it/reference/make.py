"""Reference values of the laws, from programs that share no code with the crate.

    python3 -m venv venv && venv/bin/pip install scipy==1.17.1 mpmath==1.4.1
    venv/bin/python make.py        # writes laws.csv, counts.csv, gamma.csv, world-cup.csv beside itself
"""

import pathlib

import mpmath
import numpy
import scipy
from scipy import integrate, optimize, stats

HERE = pathlib.Path(__file__).parent
BY = f"# SciPy {scipy.__version__}, mpmath {mpmath.__version__}, by make.py\n"
LEVELS = [1e-6, 0.01, 0.1, 0.5, 0.9, 0.99, 1 - 1e-6]


def write(name, head, rows):
    lines = [",".join(x if isinstance(x, str) else repr(float(x)) for x in row) for row in rows]
    (HERE / name).write_text(BY + head + "\n" + "\n".join(lines) + "\n")


# Each law with scale (or median, or mean) 1: parameters, mean, sd, quantiles, the upper ones from
# the upper tail. Empty parameters are 0.
LAWS = {
    "log_normal": (lambda s, _: stats.lognorm(s), [(0.3, 0), (1.1, 0), (1.54432, 0), (2.72, 0)]),
    "exponential": (lambda *_: stats.expon(), [(0, 0)]),
    "weibull": (lambda k, _: stats.weibull_min(k), [(0.4, 0), (0.7242, 0), (1, 0), (3.5, 0)]),
    "exponentiated_weibull": (
        stats.exponweib,
        [(1.554, 0.6177), (2.352, 0.3704), (0.3, 2.0), (12.0, 0.9)],
    ),
    "exponential_power": (lambda b, _: stats.exponpow(b), [(0.5067, 0), (0.5482, 0), (1, 0), (3, 0)]),
    "gamma": (lambda a, _: stats.gamma(a), [(0.05, 0), (0.409, 0), (0.6869, 0), (1, 0), (7.5, 0), (900, 0)]),
}


def quantile(law, u):
    return law.isf(1 - u) if u > 0.5 else law.ppf(u)


def moment(law, power):
    """E X^power by quadrature over ln x; SciPy's own are rough for some of these laws."""
    low, high = numpy.log(law.ppf(1e-300)), numpy.log(law.isf(1e-300))
    term = lambda y: numpy.exp((power + 1) * y + law.logpdf(numpy.exp(y)))
    edges = numpy.linspace(max(low, -300), high, 400)
    return sum(integrate.quad(term, a, b, epsabs=0, epsrel=1e-11)[0] for a, b in zip(edges, edges[1:]))


def laws():
    for name, (make, parameters) in LAWS.items():
        for pair in parameters:
            law = make(*pair)
            mean = moment(law, 1)
            sd = (moment(law, 2) - mean**2) ** 0.5
            yield [name, *pair, mean, sd, *(quantile(law, u) for u in LEVELS)]


def counts():
    """Laws of a number: parameters, then P(K ≤ k) for k = 0 … 9."""
    laws = [
        ("negative_binomial", 0.63, 0.50, stats.nbinom(0.63, 0.50)),
        ("negative_binomial", 0.85, 0.53, stats.nbinom(0.85, 0.53)),
        ("negative_binomial", 4, 0.3, stats.nbinom(4, 0.3)),
        ("geometric", 0.60, 0, stats.geom(0.60)),
        ("geometric", 0.05, 0, stats.geom(0.05)),
        ("zipf", 2.7042, 0, stats.zipf(2.7042)),
        ("zipf", 1.2, 0, stats.zipf(1.2)),
    ]
    for name, a, b, law in laws:
        yield [name, a, b, *law.cdf(numpy.arange(10))]


def gamma():
    """The Gamma quantile to 50 digits: shape, u, x."""
    mpmath.mp.dps = 50
    for shape in ["0.05", "0.1", "0.409", "0.6869", "1", "2", "7.5", "30", "150", "1000"]:
        for u in [1e-12, 1e-6, 0.01, 0.1, 0.5, 0.89, 0.91, 0.99, 1 - 1e-6, 1 - 1e-12]:
            # Newton's steps from SciPy's 15 digits on.
            a, x = mpmath.mpf(float(shape)), mpmath.mpf(quantile(stats.gamma(float(shape)), u))
            for _ in range(6):
                off = mpmath.gammainc(a, 0, x, regularized=True) - mpmath.mpf(u)
                x -= off / (x ** (a - 1) * mpmath.exp(-x) / mpmath.gamma(a))
            yield [shape, u, x]


def world_cup():
    """Targets of world-cup-2014 a visit, shifts included: value, and density there for quantiles."""
    expon, weib = lambda b, s: stats.exponpow(b, scale=s), lambda k, s: stats.weibull_min(k, scale=s)
    gam, ew = lambda a, s: stats.gamma(a, scale=s), lambda a, c, s: stats.exponweib(a, c, scale=s)
    nb = lambda r, p: r * (1 - p) / p
    classes = [  # share, mean visits, stay, absence
        (0.15056, 1, expon(0.5482, 3102.0), None),
        (0.19874, 1 + nb(0.63, 0.50), weib(0.7242, 572.4), gam(0.4090, 1645.5)),
        (0.18176, 2 + nb(0.85, 0.53), ew(1.554, 0.6177, 416.2), weib(0.7199, 636.0)),
        (0.16360, 1, ew(2.352, 0.3704, 76.10), None),
        (0.05105, 1, expon(0.5067, 3110.3), None),
        (0.10205, 2 + 1 / 0.60, gam(0.6869, 1526.2), weib(0.7797, 768.2)),
        (0.15223, 1, expon(0.5196, 2205.3), None),
    ]
    total = sum(share for share, *_ in classes)
    visits = sum(share / total * visits for share, visits, *_ in classes)
    yield ["visits mean", visits, 0]
    for what, shift, weights in [
        ("stay", 1, [share / total * n / visits for share, n, *_ in classes]),
        ("absence", 120, [share / total * (n - 1) / (visits - 1) for share, n, *_ in classes]),
    ]:
        of = [row[2 if what == "stay" else 3] for row in classes]
        parts = [(weight, law) for weight, law in zip(weights, of) if law is not None]
        mean = sum(weight * moment(law, 1) for weight, law in parts)
        square = sum(weight * moment(law, 2) for weight, law in parts)
        yield [f"{what} mean", mean + shift, 0]
        yield [f"{what} sd", (square - mean**2) ** 0.5, 0]
        for p in [0.10, 0.50, 0.75, 0.90, 0.99]:
            x = optimize.brentq(lambda x: sum(w * law.cdf(x) for w, law in parts) - p, 1e-9, 1e6, xtol=1e-9)
            yield [f"{what} p{round(100 * p)}", x + shift, sum(w * law.pdf(x) for w, law in parts)]


levels = ",".join(f"q{level!r}" for level in LEVELS)
write("laws.csv", f"law,first,second,mean,sd,{levels}", laws())
write("counts.csv", "law,first,second," + ",".join(f"P(K<={k})" for k in range(10)), counts())
write("gamma.csv", "shape,u,x", gamma())
write("world-cup.csv", "figure,value,density", world_cup())
