"""Suggests points with Optuna: a request and a history on stdin, suggestions on stdout, JSON lines.

The study is made anew each time: nothing is kept but what the caller's journal says. A dimension is
a share from 0 to 1, or the number of a level.
"""

import json
import sys
import warnings

try:
    import optuna
except ImportError as error:
    print(f"expflow: no optuna: {error}", file=sys.stderr)
    sys.exit(3)

from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import CmaEsSampler, RandomSampler, TPESampler
from optuna.trial import TrialState, create_trial

warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)


def distribution(dimension):
    levels = dimension.get("levels")
    if levels is None:
        return FloatDistribution(0.0, 1.0)
    if dimension["ordered"]:
        return IntDistribution(0, levels - 1)
    return CategoricalDistribution(list(range(levels)))


class Tpe:
    """Looks at the trials as they are now; the order in which they ended does not matter."""

    def __init__(self, request, space):
        self.space = space
        self.study = optuna.create_study(direction=request["direction"])
        self.trials = {}

    def replay(self, event):
        if "ask" in event:
            self.trials[event["ask"]] = {"params": event["at"], "state": TrialState.RUNNING}
            return
        trial = self.trials[event["tell"]]
        if event["value"] is None:
            if not event["partial"]:
                trial["state"] = TrialState.FAIL
            return
        trial["value"] = event["value"]
        trial["step"] = event["step"]
        trial["state"] = TrialState.PRUNED if event["partial"] else TrialState.COMPLETE

    def ready(self):
        for number in sorted(self.trials):
            trial = self.trials[number]
            state = trial["state"]
            told = state in (TrialState.COMPLETE, TrialState.PRUNED)
            self.study.add_trial(
                create_trial(
                    state=state,
                    params=trial["params"],
                    distributions=self.space,
                    value=trial["value"] if told else None,
                    intermediate_values={trial["step"]: trial["value"]} if told else None,
                )
            )

    def ask(self, seed):
        self.study.sampler = TPESampler(seed=seed, constant_liar=True)
        return self.study.ask(self.space).params


class Replayed(CmaEsSampler):
    """Thinks as at the time, and gives the point that the journal has."""

    def __init__(self, seed, recorded):
        independent = RandomSampler(seed=seed)
        super().__init__(
            seed=seed, independent_sampler=independent, warn_independent_sampling=False
        )
        self.recorded = recorded

    def sample_relative(self, *args):
        params = super().sample_relative(*args)
        return {name: self.recorded.get(name, value) for name, value in params.items()}

    def sample_independent(self, study, trial, name, distribution):
        if name in self.recorded:
            return self.recorded[name]
        return super().sample_independent(study, trial, name, distribution)


class CmaEs:
    """Lives through asking and telling once more, in the order in which it was: it has a state.

    That state is in the study; a sampler has only the seed of one suggestion.
    """

    def __init__(self, request, space):
        self.space = space
        self.study = optuna.create_study(direction=request["direction"])
        self.trials = {}

    def begin(self, seed, recorded={}):
        self.study.sampler = Replayed(seed, recorded)
        return self.study.ask(self.space)

    def replay(self, event):
        if "ask" in event:
            self.trials[event["ask"]] = self.begin(event["seed"], event["at"])
            return
        trial = self.trials[event["tell"]]
        if event["value"] is None:
            self.study.tell(trial, state=TrialState.FAIL)
        else:
            self.study.tell(trial, event["value"])

    def ready(self):
        pass

    def ask(self, seed):
        return self.begin(seed).params


def main():
    lines = [json.loads(line) for line in sys.stdin if line.strip()]
    request, history = lines[0], lines[1:]
    space = {one["key"]: distribution(one) for one in request["dimensions"]}
    model = {"tpe": Tpe, "cmaes": CmaEs}[request["sampler"]](request, space)
    for event in history:
        model.replay(event)
    model.ready()
    for suggestion in request["suggestions"]:
        at = model.ask(suggestion["seed"])
        print(json.dumps({"trial": suggestion["trial"], "at": at}), flush=True)


main()
