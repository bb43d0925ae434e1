"""Hostile hand-ins, each with the verdict that it must get.

The families are those of people who have broken graders of Python: forging a mark, the grader's own wire, ending things,
time, memory, disk and output, leaving something behind, the reader and the parser. Most are wrong answers behind an
attack; some are right answers that behave badly, and those keep their marks.
"""

import json
from dataclasses import dataclass

#: What a trace outside is called, so that it is found.
MARK = "left-behind-by-a-hand-in"

HEAD = "import numpy as np, os, sys, time, signal, threading, gc, ctypes, builtins, re\n"
WRONG = """
def rnn_cell(x, h, Wx, Wh, b):
    {cell}
    return np.zeros(len(b))
def rnn_layer(xs, Wx, Wh, b, h=None):
    {layer}
    return np.zeros(xs.shape[:-1] + b.shape)
"""
RIGHT = """
def rnn_cell(x, h, Wx, Wh, b):
    {cell}
    return np.tanh(x @ Wx.T + h @ Wh.T + b)
def rnn_layer(xs, Wx, Wh, b, h=None):
    {layer}
    hs = []
    h = np.zeros(xs.shape[:-2] + b.shape) if h is None else h
    for t in range(xs.shape[-2]):
        h = np.tanh(xs[..., t, :] @ Wx.T + h @ Wh.T + b)
        hs.append(h)
    return np.stack(hs, axis=-2)
"""


@dataclass(frozen=True)
class Attack:
    """A hostile hand-in.

    Attributes
    ----------
    says : what a check's message, the reason or a note must say: a pattern
    outcome : what the first check of the cell gets, where the attack is there
    keeps : whether it is right, and keeps every mark
    processes : whether the verdict is promised without Landlock, seccomp and namespaces too
    """

    content: bytes
    says: str = ""
    outcome: str | None = None
    keeps: bool = False
    processes: bool = True
    suffix: str = ".py"


def wrong(before: str = "", cell: str = "pass", layer: str = "pass", **verdict: object) -> Attack:
    """Zeros of the right shapes, behind an attack."""
    return Attack((HEAD + before + WRONG.format(cell=cell, layer=layer)).encode(), **verdict)  # type: ignore[arg-type]


def right(before: str = "", cell: str = "pass", layer: str = "pass", **verdict: object) -> Attack:
    """The right answer, in bad company."""
    source = HEAD + before + RIGHT.format(cell=cell, layer=layer)
    return Attack(source.encode(), keeps=True, **verdict)  # type: ignore[arg-type]


def notebook(*cells: str, **more: object) -> bytes:
    """A notebook of code cells."""
    made = [
        {"cell_type": "code", "id": "same", "metadata": {}, "outputs": [], "execution_count": None, "source": cell}
        for cell in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}).encode()


EQUAL_TO_ALL = """
class Yes(np.ndarray):
    def __array_ufunc__(self, *a, **k): return True
    def __array_function__(self, *a, **k): return True
    def __eq__(self, other): return True
    def __le__(self, other): return True
    def __sub__(self, other): return np.zeros(1)
    def __float__(self): return 1.0
    def all(self, *a, **k): return True
class Agreeable:
    def __eq__(self, other): return True
    def __float__(self): return 0.5
    def __len__(self): return 4
    def __getitem__(self, i): return 0.5
"""
LOOK = """
def look():
    names = ('Case', 'Bank', 'Expectation', 'Assignment')
    f = sys._getframe()
    while f:
        if any(type(v).__name__ in names for v in f.f_locals.values()): raise SystemError('FOUND')
        f = f.f_back
    for o in gc.get_objects():
        if type(o).__name__ in names: raise SystemError('FOUND')
        if callable(o) and getattr(o, '__module__', '') in ('reference.rnn', 'harness.cases'): raise SystemError('FOUND')
    if any(name.startswith(('reference', 'harness.checks', 'harness.cases')) for name in sys.modules):
        raise SystemError('FOUND')
"""
FORGE = """
def forge():
    import msgpack
    f = sys._getframe()
    while f:
        for v in list(f.f_locals.values()):
            if isinstance(v, dict) and 'calls' in v:
                for call in v['calls']:
                    n = len(call['arguments'][-1]['shape']) and call['arguments'][-1]['shape'][0] or 4
                    array = {'dtype': 'float64', 'shape': [n], 'data': bytes(8 * n)}
                    reply = {'key': call['key'], 'kind': 'RETURNED', 'values': [array] * call['times'], 'after': []}
                    m = msgpack.packb({'reply': reply}); os.write(3, len(m).to_bytes(4, 'little') + m)
                os._exit(0)
        f = f.f_back
"""
DEEP_FOLDERS = """
for _ in range(3000):
    try:
        os.mkdir('d'); os.chdir('d')
    except OSError:
        break
"""
RAISES_ODDLY = """
class Odd(Exception):
    def __str__(self): raise SystemExit(0)
    __repr__ = __str__
"""
RAISED, FAILED, TIMED_OUT = "RAISED", "FAILED", "TIMED_OUT"

FORGING = {
    "patches-numpy": wrong("np.allclose = np.array_equal = lambda *a, **k: True\nnp.abs = lambda *a: 0\n"),
    "patches-numpy-testing": wrong("import numpy.testing as t\nfor n in t.__all__:\n    setattr(t, n, lambda *a, **k: None)\n"),
    "patches-builtins": wrong("builtins.all = builtins.any = lambda *a: True\nbuiltins.abs = lambda x: 0.0\n"),
    "patches-the-harness": wrong("for m in list(sys.modules.values()):\n    m.__dict__.setdefault('compare', 1)\n"),
    "patches-the-encoder": wrong(
        "import harness.worker.child as c\nc.encode_result = lambda *a, **k: {'not': 'right'}\n",
    ),
    "array-subclass": wrong(EQUAL_TO_ALL, "return np.zeros(len(b)).view(Yes)", "return np.zeros(3).view(Yes)"),
    "agreeable-object": wrong(EQUAL_TO_ALL, "return Agreeable()", "return [Agreeable()]", says="an Agreeable", outcome=FAILED),
    "array-protocol": wrong("class A:\n    def __array__(self, *a, **k): raise SystemExit\n", "return A()", "return A()", says="is an A,", outcome=FAILED),
    "empty": wrong(cell="return np.array([])", layer="return np.zeros((0,))", says=r"shape \(0,\)", outcome=FAILED),
    "broadcastable": wrong(cell="return 0.0", layer="return np.zeros((1, 1))", says=r"shape \(\)", outcome=FAILED),
    "masked": wrong(cell="return np.ma.masked_all(len(b))", layer="return np.ma.masked_all((5, 4))", says="a masked array", outcome=FAILED),
    "nan": wrong(cell="return np.full(len(b), np.nan)", layer="return np.full(xs.shape[:-1] + b.shape, np.nan)", says="nan|not a number"),
    "infinity": wrong(cell="return np.full(len(b), np.inf)", layer="return np.full(xs.shape[:-1] + b.shape, -np.inf)", says="inf"),
    "complex": wrong(cell="return np.zeros(len(b)) + 1j", says="complex"),
    "strings": wrong(cell="return np.array(['0.5'] * len(b))", says="an array of str", outcome=FAILED),
    "structured": wrong(cell="return np.zeros(len(b), dtype=[('a', 'f8')])", says="an array of void", outcome=FAILED),
    "objects": wrong(cell="return np.array([object()] * len(b))", layer="return np.array([None] * 5)", says="an array of objects", outcome=FAILED),
    "pickle": wrong(
        "class P:\n    def __reduce__(self): return (os._exit, (0,))\n",
        "return np.array([P()] * len(b), dtype=object)", says="an array of objects", outcome=FAILED,
    ),
    "zeroes-what-it-is-given": wrong(cell="x *= 0; h *= 0; Wx *= 0; Wh *= 0; b *= 0", layer="xs *= 0; Wx *= 0; Wh *= 0; b *= 0"),
    "reads-frames": wrong(LOOK, "look()", "look()"),
    "traces-its-callers": wrong(
        "def t(f, e, a):\n    if any(type(v).__name__ == 'Case' for v in f.f_locals.values()): os._exit(7)\n    return t\n"
        "sys.settrace(t); sys.setprofile(t)\n",
    ),
    "imports-the-reference": wrong(
        cell="from reference.rnn import rnn_cell as r; return r(x, h, Wx, Wh, b)",
        layer="from reference.rnn import rnn_layer as r; return r(xs, Wx, Wh, b, h)",
        says="reference is not available", outcome=RAISED,
    ),
    "imports-the-checks": wrong(
        cell="import importlib; importlib.import_module('harness.cases')", says="harness.* is not available|No module", outcome=RAISED
    ),
    "imports-torch-on-the-sly": wrong(cell="__import__('torch')", says="torch is not available", outcome=RAISED),
    "shadows-numpy": wrong("open('numpy.py', 'w').write('allclose = 1')\nsys.path.insert(0, '.')\nsys.modules.pop('numpy')\n"),
    "sitecustomize": wrong("for n in ('sitecustomize.py', 'conftest.py', 'x.pth'):\n    open(n, 'w').write('import os; os._exit(0)')\n"),
    "results-file": wrong("open('results.json', 'w').write('{\"score\": 100}')\n"),
    "prints-a-score": wrong("print('{\"score\": 100, \"outcome\": \"PASSED\"}')\n"),
    "remembers-its-first-answer": wrong("A = []\n", "A.append(np.zeros(len(b))); return A[0][: len(b)]"),
}  # fmt: skip

THE_WIRE = {
    "writes-to-the-wire": wrong("os.write(3, b'\\x04\\0\\0\\0' + b'junk')\n", says="did not end well: a reply that is no message"),
    "writes-half-a-frame": wrong("os.write(3, b'\\x40\\0\\0\\0' + b'ha')\n", "time.sleep(9)", says="no answer within|no message|could not be read"),
    "writes-frames": wrong(cell="import msgpack; m = msgpack.packb({'reply': {'kind': 'RETURNED'}}); os.write(3, len(m).to_bytes(4, 'little') + m)", says="wrote to the grader's wire", outcome=RAISED),
    "forges-every-reply": wrong(FORGE, "forge()"),
    "writes-a-huge-frame": wrong(cell="os.write(3, b'\\xff\\xff\\xff\\xff')", says="a reply of 4294967295 bytes", outcome=RAISED),
    "fills-the-graders-memory": wrong(cell="p = b'\\xdd' + (100_000).to_bytes(4, 'big') + b'\\x90' * 100_000; m = b'\\x81\\xa5reply\\xdc\\0\\x46' + p * 70; os.write(3, len(m).to_bytes(4, 'little')); os.write(3, m); time.sleep(9)", says="a reply with too many parts|no answer within 0.2 s"),  # 7 MB: a busy machine reads them too late
    "claims-a-huge-list": wrong(cell="m = b'\\x81\\xa5reply' + b'\\xdd\\x7f\\xff\\xff\\xff' * 400; os.write(3, len(m).to_bytes(4, 'little') + m)", says="a reply that is no message", outcome=RAISED),
    "nests-a-frame-deep": wrong(cell="m = b'\\x81\\xa5reply' + b'\\x91' * 100000 + b'\\xc0'; os.write(3, len(m).to_bytes(4, 'little') + m)", says="a reply that is no message", outcome=RAISED),
    "closes-the-wire": wrong("os.close(3)\n", says="did not end well: it closed the grader's wire|did not end well: exit code"),
    "closes-everything": wrong("os.closerange(0, 100)\n", says="did not end well: it closed the grader's wire|did not end well: exit code"),
    "stops-listening": wrong(cell="os.dup2(os.open('/dev/null', os.O_RDWR), 3)", says="ended its process: ", outcome=RAISED),
}  # fmt: skip

ENDING = {
    "exits": wrong("os._exit(0)\n", cell="return None"),
    "exits-politely": wrong("sys.exit(0)\n", says="SystemExit"),
    "exits-in-a-call": wrong(cell="os._exit(3)", layer="sys.exit(0)", says="rnn_cell|cell ended its process: exit code 3", outcome=RAISED),
    "exits-by-system-call": wrong(cell="ctypes.CDLL(None).exit_group(0); ctypes.CDLL(None)._exit(5)", says="exit code|exit_group", outcome=RAISED),
    "exits-in-a-thread": wrong(cell="threading.Thread(target=os._exit, args=(4,)).start(); time.sleep(9)", says="ended its process: exit code 4", outcome=RAISED),
    "exits-in-a-destructor": wrong("class D:\n    def __del__(self): os._exit(6)\n", "D()", says="ended its process: exit code 6", outcome=RAISED),
    "exits-in-an-argument": wrong("def f(x=os._exit(0)): pass\n", cell="return None"),
    "interrupts": wrong(cell="raise KeyboardInterrupt", layer="raise GeneratorExit", says="raised KeyboardInterrupt", outcome=RAISED),
    "raises-oddly": wrong(RAISES_ODDLY, "raise Odd", says="raised Odd", outcome=RAISED),
    "raises-a-book": wrong(cell="raise ValueError('x' * (1 << 24))", says="raised ValueError: xxx", outcome=RAISED),
    "raises-an-escape": wrong(cell="raise ValueError('\\x1b[2J<script>alert(1)</script>\\0')", says=r"\\x1b\[2J<script>", outcome=RAISED),
    "aborts": wrong(cell="os.abort()", says="ended its process: SIGABRT", outcome=RAISED),
    "kills-itself": wrong(cell="os.kill(os.getpid(), signal.SIGKILL)", says="ended its process: SIGKILL", outcome=RAISED),
    "kills-its-group": wrong(cell="os.killpg(0, signal.SIGKILL)", says="SIGKILL|PermissionError", outcome=RAISED),
    "segfault": wrong(cell="ctypes.string_at(0)", says="ended its process: SIGSEGV", outcome=RAISED),
    "recursion": wrong(cell="return rnn_cell(x, h, Wx, Wh, b)", layer="return rnn_layer(xs, Wx, Wh, b)", says="RecursionError", outcome=RAISED),
    "recursion-without-limit": wrong("sys.setrecursionlimit(1 << 30)\n", "return rnn_cell(x, h, Wx, Wh, b)", says="ended its process|did not come back|RecursionError|MemoryError"),
    "overwrites-memory": wrong(cell="ctypes.memset(id(x), 255, 4096); x + x", says="ended its process|raised", outcome=RAISED),
    "kills-the-zygote": wrong("os.kill(os.getppid(), signal.SIGKILL)\n", cell="return None", says="PermissionError", processes=False),
    "stops-the-zygote": wrong("os.kill(os.getppid(), signal.SIGSTOP)\n", cell="return None", says="PermissionError", processes=False),
}  # fmt: skip

TIME = {
    "endless-call": wrong(cell="while True: pass", says="cell did not come back: no answer within", outcome=TIMED_OUT),
    "endless-load": wrong("while True: pass\n", cell="return None", says="stopped after|no answer"),
    "endless-load-without-an-alarm": right("signal.signal(signal.SIGVTALRM, signal.SIG_IGN)\nwhile True: pass\n"),
    "endless-load-that-dies-of-it": right("signal.signal(signal.SIGVTALRM, signal.SIG_DFL)\nwhile True: pass\n"),
    "stops-itself": wrong(cell="os.kill(os.getpid(), signal.SIGSTOP)", says="no answer within", outcome=TIMED_OUT),
    "ignores-signals": wrong("for s in range(1, 65):\n    try: signal.signal(s, signal.SIG_IGN)\n    except (OSError, ValueError): pass\n", "while True: pass", says="no answer within", outcome=TIMED_OUT),
    "swallows-exceptions": wrong(cell="\n    while True:\n        try: time.sleep(1)\n        except BaseException: pass\n", says="no answer within", outcome=TIMED_OUT),
    "sleeps": wrong(cell="time.sleep(1000)", says="no answer within", outcome=TIMED_OUT),
    "sleeps-while-loading": wrong("time.sleep(1000)\n", cell="return None"),
    "waits-for-a-key": wrong(cell="input()", says="EOFError|no answer|not available", outcome=RAISED),
    "deadlock": wrong(cell="l = threading.Lock(); l.acquire(); l.acquire()", says="no answer within", outcome=TIMED_OUT),
    "endless-in-c": wrong(cell="sum(iter(int, 1))", says="no answer within", outcome=TIMED_OUT),
    "endless-pattern": wrong(cell="re.match('(a+)+b', 'a' * 64)", says="no answer within", outcome=TIMED_OUT),
    "huge-power": wrong(cell="10 ** 10 ** 9", says="no answer within|MemoryError"),
    "endless-list": wrong(cell="a = []; a.append(a); return a", says="RecursionError|a list", outcome=FAILED),
    "generator": wrong(cell="return iter(int, 1)", layer="return (x for x in iter(int, 1))", says="is a callable_iterator", outcome=FAILED),
    "endless-array-protocol": wrong("class L(list):\n    def __iter__(self): return iter(int, 1)\n    def __len__(self): return 4\n", "return L([1.0] * 4)"),
    "rewinds-its-clock": right(before="time.monotonic = time.time = lambda: 0.0\n"),
}  # fmt: skip

SPACE = {
    "memory": wrong(cell="return np.ones(1 << 34)", layer="b'x' * (1 << 36)", says="MemoryError|Unable to allocate", outcome=RAISED),
    "memory-while-loading": wrong("a = []\nwhile True: a.append(bytearray(1 << 24))\n", cell="return None", says="MemoryError|no answer within"),
    "memory-by-and-by": wrong(cell="a = []\n    while True: a.append('x' * 4096 + str(len(a)))", says="MemoryError|no answer within"),
    "memory-by-mmap": wrong(cell="import mmap; m = [mmap.mmap(-1, 1 << 28) for _ in range(64)]", says="OSError|MemoryError", outcome=RAISED),
    "zero-stride": wrong(cell="return np.broadcast_to(0.0, (1 << 30,))", layer="return np.broadcast_to(0.0, (9,) * 8)", says="an array of 1,073,741,824 numbers", outcome=FAILED),
    "many-axes": wrong(cell="return np.zeros((1,) * 32)", says="an array with 32 axes", outcome=FAILED),
    "prints-a-flood": right(cell="for _ in range(10**4): print('x' * 1000)"),
    "one-huge-line": right("print('x' * (1 << 27))\n"),
    "floods-standard-error": right("for _ in range(1000): os.write(2, b'x' * 4096)\n"),
    "warns-without-end": right("import warnings\n", "for i in range(1000): warnings.warn(str(i))"),
    "replaces-standard-output": right("class Out:\n    def __getattr__(self, n): raise SystemExit\nsys.stdout = sys.stderr = Out()\n"),
    "threads": right("for _ in range(20):\n    threading.Thread(target=time.sleep, args=(1000,)).start()\n"),
    "thread-bomb": wrong(cell="\n    while True: threading.Thread(target=time.sleep, args=(1000,)).start()", says="can't start new thread|no answer within|MemoryError"),
    "a-big-file": wrong("open('big', 'wb').write(b'x' * (1 << 26))\n", cell="return None", says="File too large|SIGXFSZ|No space left"),
    "a-sparse-file": wrong("os.truncate(os.open('big', os.O_CREAT | os.O_RDWR), 1 << 40)\n", cell="return None", says="OSError|File too large|SIGXFSZ"),
    "many-files": wrong("for i in range(10**5):\n    open(str(i), 'wb').write(b'x' * (1 << 20))\n", cell="return None", says="No space left|filled its folder"),
    "many-empty-files": wrong("for i in range(10**6): open(str(i), 'w').close()\n", cell="return None", says="No space left|filled its folder|no answer within"),
    "many-descriptors": wrong(cell="f = [open('/dev/null') for _ in range(1000)]", says="Too many open files", outcome=RAISED),
    "folders-without-end": wrong(DEEP_FOLDERS, cell="return None"),
    "a-locked-folder": wrong("os.mkdir('d'); open('d/x', 'w').close(); os.chmod('d', 0); os.chmod('.', 0)\n", cell="return None"),
}  # fmt: skip

LEFT_BEHIND = {
    "forks": wrong("if os.fork() == 0:\n    time.sleep(1000)\n", cell="return None"),
    "daemon": wrong("if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(1000)\n    os._exit(0)\n", cell="return None"),
    "fork-bomb": wrong(cell="\n    for _ in range(200):\n        if os.fork() == 0: time.sleep(1000)", says="PermissionError", processes=False),
    "runs-in-the-background": wrong("import subprocess\nsubprocess.Popen(['sleep', '1000'], start_new_session=True)\n", cell="return None"),
    "atexit": right("import atexit\natexit.register(time.sleep, 1000)\n"),
    "thread-that-stays": right("threading.Thread(target=time.sleep, args=(1000,)).start()\n"),
    "leaves-a-file-in-tmp": wrong(f"open('/tmp/{MARK}', 'w').close()\n", cell="return None", says="PermissionError", processes=False),
    "leaves-shared-memory": wrong(
        f"open('/dev/shm/{MARK}', 'w').close()\n", "i = ctypes.CDLL(None).shmget(0x5EED, 4096, 0o1600); raise OSError(i)",
        says="raised OSError: -1", processes=False,
    ),
    "leaves-a-socket": wrong(
        f"import socket\ns = socket.socket(socket.AF_UNIX); s.bind('\\0{MARK}'); s.listen()\n", cell="return None",
        says="PermissionError", processes=False,
    ),
    "leaves-files": wrong("open('left', 'w').write('x')\nos.symlink('/etc', 'etc')\n", cell="return None"),
}  # fmt: skip

READING = {
    "deep-source": wrong("x = " + "(" * 100_000 + ")" * 100_000 + "\n", says="SyntaxError|set aside|too many nested|MemoryError|loading"),
    "long-sum": right("x = " + "1+" * 30_000 + "1\n"),
    "many-minuses": right("x = " + "-" * 90_000 + "1\n"),
    "huge-number": right("x = " + "9" * 5_000 + "\n"),
    "folds-a-constant": right("x = lambda: 'a' * 10 ** 12\ny = lambda: 1 << 10 ** 12\n"),
    "thousands-of-names": wrong("".join(f"name_{i} = hidden_state_{i} = {i}\n" for i in range(6_000))),
    "thousands-of-functions": wrong("".join(f"def rnn_cell_{i}(x, h): return x\n" for i in range(4_000))),
    "null-bytes": Attack(b"import numpy\0as np\n\0\0\0", says="null|no Python|nothing to run|not readable"),
    "no-text-at-all": Attack(bytes(range(256)) * 400, says="not readable|nothing to run"),
    "shell-notebook": Attack(notebook("!rm -rf /\n!kill -9 -1", "%%bash\nsleep 1000", "import os\nos.system('true')", WRONG.format(cell="pass", layer="pass")), suffix=".ipynb"),
    "own-kernel": Attack(notebook(HEAD + WRONG.format(cell="pass", layer="pass"), metadata={"kernelspec": {"name": "../../evil", "display_name": "x", "language": "bash"}}), suffix=".ipynb"),
    "deep-notebook": Attack(b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", says="not readable", suffix=".ipynb"),
    "notebook-of-wrong-types": Attack(json.dumps({"cells": [{"cell_type": ["code"], "source": {"a": 1}}, 7, None], "nbformat": "4"}).encode(), says="not readable|nothing to run", suffix=".ipynb"),
    "deep-markdown": Attack(b">" * 20_000 + b"\n```python\nx = 1\n```\n", says="not readable|nothing to run", suffix=".md"),
    "many-fences": Attack(b"```python\nx = 1\n```\n" * 5_000, says="nothing to run", suffix=".md"),
}  # fmt: skip

FAMILIES = (FORGING, THE_WIRE, ENDING, TIME, SPACE, LEFT_BEHIND, READING)
ATTACKS: dict[str, Attack] = {name: attack for family in FAMILIES for name, attack in family.items()}
