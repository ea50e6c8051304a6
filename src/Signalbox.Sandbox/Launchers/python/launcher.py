"""Runs one action's code for Signalbox: connects to the host's socket, loads the code once, runs activations as they
come. Frames are [u32 length of the rest][u8 type][u32 activation][payload], little endian; docs/kinds.md has them.

User code shares this process, so the host trusts nothing of what comes from here.
"""

import contextvars
import glob
import importlib.util
import io
import json
import os
import runpy
import signal
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor

LOAD, RUN, RUN_WITH_NEW_VARIABLES, PING = 1, 2, 3, 4
READY, LOADED, LOAD_FAILED, LOG, ANSWER, RUN_FAILED, LOGS_TRUNCATED, PONG = 10, 11, 12, 13, 14, 15, 16, 17
LINE_CHARS_MAX = 1 << 20
LINE_BYTES_MIN = 64  # what the host counts a shorter line as
NO_DICTIONARY = "The action did not return a dictionary or array."


class Connection:
    """The socket; frames of several threads do not mix."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(path)
        self._reader = self._socket.makefile("rb", 1 << 16)
        self._gate = threading.Lock()

    def send(self, kind, number, payload):
        with self._gate:
            self._socket.sendall(struct.pack("<IBI", len(payload) + 5, kind, number) + payload)

    def receive(self):
        head = self._reader.read(9)
        if len(head) < 9:
            host_is_gone()
        length, kind, number = struct.unpack("<IBI", head)
        payload = self._reader.read(length - 5)
        if len(payload) < length - 5:
            host_is_gone()
        return kind, number, payload


def host_is_gone():
    os.kill(os.getpid(), signal.SIGKILL)


class Activation:
    """One load or run: its variables, its log, its end, which comes once."""

    def __init__(self, number, variables, log_bytes_max):
        self.number = number
        self.variables = variables
        self.ended = False
        self._started = time.perf_counter()
        self._log_bytes_left = log_bytes_max
        self._partial = ["", ""]
        self._gate = threading.Lock()

    def print(self, stream, text):
        with self._gate:
            *lines, rest = (self._partial[stream] + text).split("\n")
            for line in lines:
                self._print_line(stream, line)
            self._partial[stream] = rest
            if len(rest) > LINE_CHARS_MAX:
                self._flush_partial()

    def end(self, kind, payload):
        with self._gate:
            if self.ended:
                return
            self._flush_partial()
            self.ended = True
        running.pop(self.number, None)
        connection.send(kind, self.number, payload.encode("utf-8", "replace"))

    def _flush_partial(self):
        for stream in (0, 1):
            if self._partial[stream]:
                line, self._partial[stream] = self._partial[stream], ""
                self._print_line(stream, line)

    def _print_line(self, stream, line):
        if self.ended or self._log_bytes_left < 0:
            return
        data = line.encode("utf-8", "replace")
        self._log_bytes_left -= max(LINE_BYTES_MIN, len(data))
        if self._log_bytes_left < 0:
            connection.send(LOGS_TRUNCATED, self.number, b"")
            return
        elapsed_ms = (time.perf_counter() - self._started) * 1000
        connection.send(LOG, self.number, struct.pack("<Bd", stream, elapsed_ms) + data)


current = contextvars.ContextVar("activation", default=None)
running = {}


def asking():
    """The activation that the calling code belongs to; threads that user code started belong to a lone one."""
    activation = current.get()
    if activation is None and len(running) == 1:
        activation = next(iter(running.values()), None)
    return activation


class LogStream(io.TextIOBase):
    encoding = "utf-8"
    errors = "replace"

    def __init__(self, stream):
        self._stream = stream
        self.buffer = LogBytes(self)

    def writable(self):
        return True

    def fileno(self):
        return self._stream + 1

    def write(self, text):
        activation = asking()
        if activation is not None:
            activation.print(self._stream, text)
        return len(text)


class LogBytes(io.RawIOBase):
    def __init__(self, text):
        self._text = text

    def writable(self):
        return True

    def write(self, data):
        self._text.write(bytes(data).decode("utf-8", "replace"))
        return len(data)


class Environment(MutableMapping):
    """os.environ, with the variables of the activation that asks."""

    def __init__(self, process):
        self._process = process

    def _own(self):
        activation = asking()
        return activation.variables if activation is not None else {}

    def __getitem__(self, name):
        own = self._own()
        return own[name] if name in own else self._process[name]

    def __setitem__(self, name, value):
        self._own().pop(name, None)
        self._process[name] = value

    def __delitem__(self, name):
        if self._own().pop(name, None) is None:
            del self._process[name]

    def __iter__(self):
        return iter({**dict(self._process), **self._own()})

    def __len__(self):
        return len(list(iter(self)))

    def __repr__(self):
        return f"environ({dict(self)!r})"

    def copy(self):
        return dict(self)


class LoadError(Exception):
    pass


def split(payload):
    (length,) = struct.unpack_from("<I", payload)
    return json.loads(payload[4:4 + length]), payload[4 + length:]


def load(number, settings):
    global action, workers, log_bytes_max, one_at_a_time
    log_bytes_max = settings["logBytesMax"]
    one_at_a_time = settings["concurrency"] == 1
    workers = ThreadPoolExecutor(max_workers=settings["concurrency"])
    process_environment.update(settings["env"])
    activation = Activation(number, settings["context"], log_bytes_max)
    running[number] = activation
    current.set(activation)
    try:
        action = entry_point(settings["main"])
        activation.end(LOADED, "")
    except LoadError as error:
        load_failed(activation, str(error))
    except BaseException:
        load_failed(activation, user_trace())
    finally:
        current.set(None)


def load_failed(activation, text):
    for line in text.rstrip().split("\n"):
        activation.print(1, line + "\n")
    activation.end(LOAD_FAILED, "Initialization has failed due to: " + text.rstrip())


def entry_point(name):
    os.chdir(code_folder)
    activate_virtual_environment()
    sys.path.insert(0, code_folder)
    file = os.path.join(code_folder, "__main__.py")
    if not os.path.exists(file):
        raise LoadError("Zip file does not include __main__.py at its root.")
    spec = importlib.util.spec_from_file_location("__action__", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules["__action__"] = module
    sys.modules["__main__"] = module
    spec.loader.exec_module(module)
    found = module
    for part in name.split("."):
        found = getattr(found, part, None)
    if not callable(found):
        names = sorted(key for key, value in vars(module).items() if callable(value) and not key.startswith("_"))
        raise LoadError(
            f"Action entrypoint '{name}' is not a function of {file}; it has " + (", ".join(names) if names else "none") + ".")
    return found


def activate_virtual_environment():
    folder = os.path.join(code_folder, "virtualenv")
    if not os.path.isdir(folder):
        return
    activate = os.path.join(folder, "bin", "activate_this.py")
    packages = glob.glob(os.path.join(folder, "lib", "python3*", "site-packages"))
    if os.path.exists(activate):
        runpy.run_path(activate)
    elif packages:
        import site
        known = len(sys.path)
        for path in packages:
            site.addsitedir(path)
        sys.path[:] = sys.path[known:] + sys.path[:known]
    else:
        raise LoadError("The folder virtualenv has neither bin/activate_this.py nor lib/python3*/site-packages.")


def user_trace():
    """The traceback from the first line that is the user's; all of it where none is."""
    kind, error, trace = sys.exc_info()
    start = trace
    while start is not None and not start.tb_frame.f_code.co_filename.startswith(code_folder):
        start = start.tb_next
    if start is None and isinstance(error, SyntaxError):
        return "".join(traceback.format_exception_only(kind, error)).rstrip()
    return "".join(traceback.format_exception(kind, error, start or trace)).rstrip()


def run(number, variables, data):
    activation = Activation(number, variables, log_bytes_max)
    running[number] = activation
    if one_at_a_time:
        # What the action starts sees them too.
        process_environment.update(variables)
    workers.submit(contextvars.Context().run, run_in_thread, activation, data)


def run_in_thread(activation, data):
    current.set(activation)
    try:
        result = action(json.loads(data))
        if hasattr(result, "__await__"):
            import asyncio
            result = asyncio.run(awaited(result))
    except Exception as error:
        for line in user_trace().split("\n"):
            activation.print(1, line + "\n")
        activation.end(ANSWER, json.dumps({"error": str(error)}))
        return
    except SystemExit as leaving:
        leave(activation, leaving.code)
    if result is None:
        result = {}
    if not isinstance(result, (dict, list, tuple)):
        activation.end(RUN_FAILED, NO_DICTIONARY)
        return
    try:
        text = json.dumps(result, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        activation.print(1, f"The result cannot be said in JSON: {error}\n")
        activation.end(RUN_FAILED, NO_DICTIONARY)
        return
    activation.end(ANSWER, text)


async def awaited(result):
    return await result


def leave(activation, code):
    """sys.exit() ends the process, as it would a program's."""
    with activation._gate:
        activation._flush_partial()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def serve():
    while True:
        kind, number, payload = connection.receive()
        if kind == PING:
            connection.send(PONG, 0, b"")
            continue
        head, data = split(payload)
        if kind == LOAD:
            load(number, head)
        elif kind in (RUN, RUN_WITH_NEW_VARIABLES):
            run(number, head, data)


socket_path, code_folder = sys.argv[1:3]
del sys.argv[1:]
action = None
workers = None
log_bytes_max = 0
one_at_a_time = True
process_environment = os.environ
os.environ = Environment(process_environment)
sys.stdout, sys.stderr = LogStream(0), LogStream(1)
# Uncaught errors of threads that user code started.
threading.excepthook = lambda args: sys.stderr.write(
    "".join(traceback.format_exception(args.exc_type, args.exc_value, args.exc_traceback)))
connection = Connection(socket_path)
connection.send(READY, 0, sys.version.split(" ")[0].encode())
serve()
