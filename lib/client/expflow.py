"""What training code asks of expflow: one file, no dependency, Python 3.8 or later.

    given = expflow.params(lr=0.1, epochs=10)  # the run's; these are for a start by hand
    model, first = load(expflow.latest_checkpoint())
    for epoch in range(first, given["epochs"]):
        expflow.log(epoch, loss=train(model, given["lr"]))
        with expflow.save_checkpoint(epoch=epoch) as path:
            torch.save(model.state_dict(), path)
        if expflow.should_stop():
            sys.exit(3)  # not 0: the training is not complete

Nothing here raises into the training: what cannot be done is said once on stderr. Outside a run of
expflow, `log` prints, and `params` has the defaults only. Written by `expflow client python`.
"""

from __future__ import annotations

import atexit, glob, json, os, re, shutil, signal, sys, threading
from collections import deque
from contextlib import contextmanager, suppress
from typing import Any, Iterator, Mapping

_RUN = os.environ.get("EXPFLOW_RUN_DIR", "")
_CHECKPOINTS = os.environ.get("EXPFLOW_CHECKPOINTS") or os.path.join(_RUN, "checkpoints")
_said: set[str] = set()
_lock, _forking = threading.RLock(), threading.local()
_files: dict[str, _Lines] = {}
_stopping = False
_NAMED = re.compile(
    r"(?i)/(?!\.|tmp[-_.])[^/]*(\.(pt|pth|ckpt|safetensors)|(ckpt|point|epoch|step|iter)[^/]*\d)$"
)


def _warn(what: str, error: object) -> None:
    if what not in _said:
        _said.add(what)
        with suppress(Exception):
            print(f"expflow: {what}: {error}", file=sys.stderr, flush=True)


@contextmanager
def _harmless(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        _warn(what, f"{type(error).__name__}: {error}")


def _rank() -> int:
    distributed = sys.modules.get("torch.distributed")
    if distributed is not None and distributed.is_available() and distributed.is_initialized():
        return int(distributed.get_rank())
    names = ["RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "SLURM_PROCID", "LOCAL_RANK"]
    ranks = [int(value) for value in map(os.environ.get, names) if value and value.isdecimal()]
    return (ranks[0] or ranks[-1]) if ranks else 0


def params(**defaults: Any) -> dict[str, Any]:
    """The parameters of this run, groups as dicts; `defaults` for those it was not given."""
    path = os.environ.get("EXPFLOW_PARAMS")
    with _harmless(f"cannot read the parameters in {path}"):
        if path:
            with open(path, encoding="utf-8") as file:
                return {**defaults, **json.load(file)}
    return defaults


@_harmless("cannot log metrics")
def log(step: Any = None, metrics: Any = None, /, **named: Any) -> None:
    """Writes a row: `log(3, loss=0.5)`, `log(3, {"val/acc": 0.9})` or `log({"acc": 1}, step=3)`.

    Values are numbers (numpy's and torch's too), texts, booleans, None, and groups of these. Rank 0
    writes metrics.jsonl in the run's folder, others metrics.rank<N>.jsonl. A full disk delays it.
    """
    if isinstance(step, Mapping):
        step, metrics = metrics, step
    row, at = {}, {} if step is None else {"step": step}
    for name, value in {**at, **(metrics or {}), **named, **at}.items():
        with _harmless(f"the metric {name!r} is left out"):
            row[str(name)] = _plain(value)
    rank = _rank()
    if _RUN and row.keys() - {"step"}:
        path = os.path.join(_RUN, f"metrics.rank{rank}.jsonl" if rank else "metrics.jsonl")
        with _lock:
            lines = _files.setdefault(path, _Lines(path))
            lines.write(json.dumps(row).encode() + b"\n")
    elif not _RUN and rank == 0:
        print("  ".join(f"{name}={value}" for name, value in row.items()), flush=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, (bool, str)):
        return value
    number = float(value)  # raises where an int is too large
    return int(value) if isinstance(value, int) else number


class _Lines:
    """A file to which whole lines are appended; those that cannot be written yet wait."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.waiting: deque[bytes] = deque()
        self.file = 0

    def write(self, *lines: bytes) -> None:
        self.waiting.extend(lines)
        while self.waiting:
            line = self.waiting.popleft()
            try:
                self.file = self.file or self.begin()
                if os.write(self.file, line) < len(line):
                    raise OSError("there was no room for a whole row")
            except OSError as error:
                self.waiting.appendleft(line)
                if self.file:
                    os.close(self.file)
                self.file = 0
                return _warn(f"cannot write {self.path}, rows wait", error)

    def begin(self) -> int:
        """Opens it, and ends a last line that was cut off: unless it is whole, it becomes blank."""
        with open(self.path, "ab"), open(self.path, "rb+") as there:
            end = there.seek(0, os.SEEK_END)
            there.seek(max(0, end - 2**20))
            torn = there.read().rpartition(b"\n")[2]
            if torn.endswith(b"}"):
                there.write(b"\n")
            elif torn:
                there.seek(end - len(torn))
                there.write(b" " * (len(torn) - 1) + b"\n")
        return os.open(self.path, os.O_WRONLY | os.O_APPEND)


@atexit.register
@_harmless("cannot write the last metrics")
def _finish() -> None:
    for lines in _files.values():
        lines.write()
        if lines.waiting:
            _warn(f"{len(lines.waiting)} rows are lost", lines.path)


class _Listener:
    """Notes a signal, and hands it to who listened before."""

    def __init__(self, before: Any) -> None:
        self.before = before

    def __call__(self, number: int, frame: Any) -> None:
        global _stopping
        _stopping = True
        if callable(self.before) and self.before is not signal.default_int_handler:
            self.before(number, frame)


def _handlers() -> list[tuple[int, Any]]:
    names = {os.environ.get("EXPFLOW_WARNING", "USR1"), "TERM"}
    numbers = [getattr(signal, f"SIG{name}") for name in names if hasattr(signal, f"SIG{name}")]
    return [(number, signal.getsignal(number)) for number in numbers]


def should_stop() -> bool:
    """Whether to save and end: the time limit is near, or this run was told to end (TERM).

    The first call, in the main thread, begins to listen: make one before a long preparation. The
    program's own handlers are called as well; ignored signals stay ignored. Ranks may hear it at
    different steps: let them agree before one ends. False outside a run of expflow.
    """
    with _harmless("cannot listen to signals"):
        if _RUN and threading.current_thread() is threading.main_thread():
            for number, before in _handlers():
                if not isinstance(before, _Listener) and before not in (None, signal.SIG_IGN):
                    signal.signal(number, _Listener(before))
    return _stopping


def _hold() -> None:
    """A signal that comes while this process forks would be lost in the child."""
    numbers = [number for number, handler in _handlers() if isinstance(handler, _Listener)]
    _forking.mask = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)


def _release() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, _forking.mask)


def _begin_child() -> None:
    global _lock
    _lock = threading.RLock()
    for lines in _files.values():
        lines.waiting.clear()
    for number, handler in _handlers():
        if isinstance(handler, _Listener):
            signal.signal(number, handler.before)
    _release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_hold, after_in_parent=_release, after_in_child=_begin_child)


def checkpoint_path(step: Any = None, epoch: Any = None, name: str | None = None) -> str:
    """Where to write a checkpoint so that a resumed run finds it: `.../epoch=3-step=900.ckpt`.

    That is the folder of the experiment's `checkpoint:`, else `checkpoints` in the run's. `name`
    takes the place of epoch and step; without any it is `last.ckpt`.
    """
    parts = [f"{word}={at}" for word, at in (("epoch", epoch), ("step", step)) if at is not None]
    path = os.path.join(_CHECKPOINTS, name or f"{'-'.join(parts) or 'last'}.ckpt")
    with _harmless("cannot make the folder of checkpoints"):
        os.makedirs(os.path.dirname(path), exist_ok=True)
    return path


@contextmanager
def save_checkpoint(step: Any = None, epoch: Any = None, name: str | None = None) -> Iterator[str]:
    """`with save_checkpoint(step=900) as path:` write the file or folder `path`.

    It gets the name that `checkpoint_path` gives when all is written. Where the disk fails, that is
    said, and the checkpoints before stay; other errors are the program's own, and are raised.
    """
    final = checkpoint_path(step, epoch, name)
    try:
        with _whole(final) as temporary:
            yield temporary
    except Exception as error:
        if not isinstance(error, OSError) and "PytorchStreamWriter" not in str(error):
            raise
        _warn(f"cannot save {final}", error)


def latest_checkpoint() -> str | None:
    """The newest whole checkpoint, by epoch, step and time; at the start the one to go on from."""
    given = os.environ.get("EXPFLOW_CHECKPOINT") or None
    with _harmless("cannot look for checkpoints"):
        paths = glob.glob(os.path.join(glob.escape(_CHECKPOINTS), "*")) if _RUN else []
        whole = [path for path in paths if _NAMED.search(path) and os.path.getsize(path)]
        return max([given, *whole] if given else whole, key=_order, default=None)
    return given


def _order(path: str) -> tuple[int, int, float]:
    numbers = re.findall(r"(?i)(epoch|step|iter)[a-z]*[=_. -]?([0-9]+)", os.path.basename(path))
    at = {word.lower(): int(number) for word, number in reversed(numbers)}
    step, there = at.get("step", at.get("iter", -1)), os.path.exists(path)
    return at.get("epoch", -1), step, os.path.getmtime(path) if there else 0.0


def save_artifact(path: Any, name: str | None = None) -> str | None:
    """Copies a file or folder to `artifacts/<name>` in the run's folder; gives the copy's path."""
    with _harmless(f"cannot save the artifact {path}"):
        source = os.path.abspath(os.fspath(path))
        target = os.path.normpath(name or os.path.basename(source))
        if os.path.isabs(target) or target.split(os.sep)[0] in ("..", "."):
            raise ValueError(f"{name} is no name in the folder artifacts")
        if _RUN:
            final = os.path.join(_RUN, "artifacts", target)
            os.makedirs(os.path.dirname(final), exist_ok=True)
            with _whole(final) as temporary:
                if os.path.isdir(source):
                    shutil.copytree(source, temporary, copy_function=shutil.copyfile)
                else:
                    shutil.copyfile(source, temporary)
            return final
    return None


@contextmanager
def _whole(final: str) -> Iterator[str]:
    """Gives a temporary name; what is written there gets its own when its bytes are on the disk."""
    folder, name = os.path.split(final)
    stage, attempt = (os.environ.get(f"EXPFLOW_{key}", "") for key in ("STAGE", "ATTEMPT"))
    mine = os.path.join(folder, f".tmp~{stage}~{attempt}~")
    for old in glob.glob(os.path.join(glob.escape(folder), f".tmp~{stage}~*")):
        if not old.startswith(mine):
            _remove(old)  # an earlier attempt was killed
    temporary = f"{mine}{os.getpid()}~{name}"
    try:
        yield temporary
        inside = [os.path.join(at, name) for at, _, names in os.walk(temporary) for name in names]
        for path in inside or [temporary]:
            with open(path, "rb") as file:
                os.fsync(file.fileno())
        if os.path.isdir(final) and os.path.isdir(temporary):
            os.rename(final, f"{temporary}~old")
        os.replace(temporary, final)
    finally:
        _remove(temporary)
        _remove(f"{temporary}~old")


def _remove(path: str) -> None:
    shutil.rmtree(path, ignore_errors=True)
    with suppress(OSError):
        os.remove(path)
