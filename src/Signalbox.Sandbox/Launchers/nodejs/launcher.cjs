'use strict';
// Runs one action's code for Signalbox: connects to the host's socket, loads the code once, runs activations as
// they come. Frames are [u32 length of the rest][u8 type][u32 activation][payload], little endian. The host's side
// is Protocol/LauncherConnection.cs; docs of the payloads stand in Protocol/FrameType.cs.
//
// User code shares this process, so nothing here is trusted by the host. What the user code may replace
// (JSON, setImmediate, console) is taken at start, so that a patched global does not break the launcher.

const net = require('node:net');
const fs = require('node:fs');
const path = require('node:path');
const { Writable } = require('node:stream');

const LOAD = 1, RUN = 2, RUN_WITH_NEW_VARIABLES = 3, PING = 4, INSPECT = 5;
const READY = 10, LOADED = 11, LOAD_FAILED = 12, LOG = 13, ANSWER = 14, RUN_FAILED = 15, LOGS_TRUNCATED = 16;
const PONG = 17, RUN_CRASHED = 18;
const HEADER_BYTES = 9;
const LINE_CHARS_MAX = 1 << 20;
const LINE_BYTES_MIN = 64; // what the host counts a shorter line as
const OUT_BYTES = 1 << 16;

const { parse, stringify } = JSON;
const afterTurn = setImmediate;
const now = performance.now.bind(performance);
const [socketPath, codeDirectory] = process.argv.splice(2);

// ---- what goes out: gathered in one buffer, written once for each turn of the event loop

const out = Buffer.allocUnsafeSlow(OUT_BYTES);
let outUsed = 0;
let outScheduled = false;
let socket;
let socketFd = -1;

function putHeader(buffer, at, type, id, payloadBytes) {
  buffer.writeUInt32LE(payloadBytes + 5, at);
  buffer[at + 4] = type;
  buffer.writeUInt32LE(id, at + 5);
}

function send(type, id, text, prefix) {
  const prefixBytes = prefix === undefined ? 0 : prefix.length;
  const bytesMax = HEADER_BYTES + prefixBytes + text.length * 3;
  if (bytesMax > OUT_BYTES) {
    flush();
    const payload = Buffer.from(text, 'utf8');
    const frame = Buffer.allocUnsafeSlow(HEADER_BYTES + prefixBytes + payload.length);
    putHeader(frame, 0, type, id, prefixBytes + payload.length);
    if (prefixBytes > 0) prefix.copy(frame, HEADER_BYTES);
    payload.copy(frame, HEADER_BYTES + prefixBytes);
    writeNow(frame, false);
    return;
  }
  if (bytesMax > OUT_BYTES - outUsed) flush();
  const at = outUsed;
  if (prefixBytes > 0) prefix.copy(out, at + HEADER_BYTES);
  const written = text.length === 0 ? 0 : out.write(text, at + HEADER_BYTES + prefixBytes, 'utf8');
  putHeader(out, at, type, id, prefixBytes + written);
  outUsed = at + HEADER_BYTES + prefixBytes + written;
  if (!outScheduled) {
    outScheduled = true;
    afterTurn(flushAtTurnsEnd);
  }
}

function flushAtTurnsEnd() {
  outScheduled = false;
  flush();
}

function flush() {
  if (outUsed === 0) return;
  const used = outUsed;
  outUsed = 0;
  writeNow(out.subarray(0, used), true);
}

// Straight to the descriptor while nothing is queued: cheaper than a stream write, and it still works from an
// exit handler, when the event loop turns no more.
function writeNow(buffer, isShared) {
  let at = 0;
  if (socketFd >= 0 && socket.writableLength === 0) {
    try {
      at = fs.writeSync(socketFd, buffer, 0, buffer.length);
    } catch (error) {
      if (error.code !== 'EAGAIN') return;
    }
    if (at === buffer.length) return;
  }
  const rest = buffer.subarray(at);
  socket.write(isShared ? Buffer.from(rest) : rest);
}

// ---- whose turn it is: one activation after the other, or many told apart by AsyncLocalStorage

const running = new Map();
let storage = null;
let only = null;
let logBytesMax = 0;

function currentActivation() {
  if (storage === null) return only;
  const activation = storage.getStore();
  if (activation !== undefined) return activation;
  // Code without a context (timers made while loading) belongs to nobody, unless there is but one.
  return running.size === 1 ? running.values().next().value : null;
}

function begin(id, contextText) {
  const activation = {
    id, contextText, context: null, started: now(), logBytesLeft: logBytesMax, partial: ['', ''], ended: false,
  };
  running.set(id, activation);
  only = activation;
  return activation;
}

function end(activation, type, text) {
  if (activation.ended) return;
  flushPartialLines(activation);
  activation.ended = true;
  running.delete(activation.id);
  if (only === activation) only = null;
  send(type, activation.id, text);
}

// ---- logs

const logPrefix = Buffer.alloc(9);

function print(stream, text) {
  const activation = currentActivation();
  if (activation === null || activation.ended || activation.logBytesLeft < 0) return;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', start)) {
    printLine(activation, stream, activation.partial[stream] + text.slice(start, at));
    activation.partial[stream] = '';
    start = at + 1;
  }
  if (start < text.length) {
    activation.partial[stream] += start === 0 ? text : text.slice(start);
    if (activation.partial[stream].length > LINE_CHARS_MAX) flushPartialLines(activation);
  }
  // A lone activation's lines leave at once: they are kept if its code never gives the event loop back. Behind others
  // that the host has still to read they gather, or each would take a buffer of its own.
  if (running.size === 1 && socket.writableLength === 0) flush();
}

function printLine(activation, stream, line) {
  if (activation.logBytesLeft < 0) return;
  const bytes = Buffer.byteLength(line);
  activation.logBytesLeft -= bytes < LINE_BYTES_MIN ? LINE_BYTES_MIN : bytes;
  if (activation.logBytesLeft < 0) {
    send(LOGS_TRUNCATED, activation.id, '');
    return;
  }
  logPrefix[0] = stream;
  logPrefix.writeDoubleLE(now() - activation.started, 1);
  send(LOG, activation.id, line, logPrefix);
}

function flushPartialLines(activation) {
  for (const stream of [0, 1]) {
    const line = activation.partial[stream];
    if (line.length > 0) {
      activation.partial[stream] = '';
      printLine(activation, stream, line);
    }
  }
}

class LogStream extends Writable {
  constructor(stream) {
    super({ decodeStrings: false });
    this.stream = stream;
    this.fd = stream + 1;
  }

  write(chunk, encoding, callback) {
    print(this.stream, typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    const done = typeof encoding === 'function' ? encoding : callback;
    if (typeof done === 'function') process.nextTick(done);
    return true;
  }
}

function replaceStandardStreams() {
  const streams = [new LogStream(0), new LogStream(1)];
  Object.defineProperty(process, 'stdout', { configurable: true, enumerable: true, get: () => streams[0] });
  Object.defineProperty(process, 'stderr', { configurable: true, enumerable: true, get: () => streams[1] });
}

// ---- environment: the __OW_ variables of a run are looked up in the activation that asks

function openEnvironment(variables) {
  // A plain object, not the C environment: setenv keeps every value it ever saw.
  process.env = { ...process.env, ...variables };
}

function contextOf(activation) {
  return activation.context ??= parse(activation.contextText);
}

const runVariables = new Set();

function declareRunVariables(activation) {
  const env = process.env;
  for (const name of Object.keys(contextOf(activation))) {
    if (runVariables.has(name)) continue;
    runVariables.add(name);
    const before = env[name];
    Object.defineProperty(env, name, {
      configurable: true,
      enumerable: true,
      get() {
        const asking = currentActivation();
        return asking === null ? before : contextOf(asking)[name] ?? before;
      },
      set(value) {
        Object.defineProperty(env, name, { configurable: true, enumerable: true, writable: true, value: String(value) });
      },
    });
  }
}

// ---- loading

function load(id, payload) {
  const metaBytes = payload.readUInt32LE(0);
  const meta = parse(payload.utf8Slice(4, 4 + metaBytes));
  const code = payload.utf8Slice(4 + metaBytes, payload.length);
  logBytesMax = meta.logBytesMax;
  if (meta.concurrency > 1) {
    storage = new (require('node:async_hooks').AsyncLocalStorage)();
    process.on('uncaughtException', crashAlone);
  }
  openEnvironment(meta.env);
  const activation = begin(id, stringify(meta.context));
  declareRunVariables(activation);
  const loading = () => {
    try {
      const { loadArchive, loadText } = require('./loader.cjs');
      const loaded = meta.isBinary ? loadArchive(codeDirectory, meta.main) : loadText(codeDirectory, code, meta.main);
      if (loaded instanceof Promise) {
        loaded.then((main) => loadEnded(activation, main), (error) => loadFailed(activation, error));
      } else {
        loadEnded(activation, loaded);
      }
    } catch (error) {
      loadFailed(activation, error);
    }
  };
  storage === null ? loading() : storage.run(activation, loading);
}

let userMain = null;

function loadEnded(activation, main) {
  userMain = main;
  end(activation, LOADED, '');
}

function loadFailed(activation, error) {
  const { describeLoadError } = require('./loader.cjs');
  end(activation, LOAD_FAILED, describeLoadError(error));
}

// ---- running

function run(id, payload, hasNewVariables) {
  const metaBytes = payload.readUInt32LE(0);
  const activation = begin(id, payload.utf8Slice(4, 4 + metaBytes));
  if (hasNewVariables) declareRunVariables(activation);
  const args = parse(payload.utf8Slice(4 + metaBytes, payload.length));
  storage === null ? runMain(activation, args) : storage.run(activation, runMain, activation, args);
}

function runMain(activation, args) {
  let result;
  try {
    result = userMain(args);
  } catch (error) {
    runFailed(activation, error);
    return;
  }
  if (result !== null && (typeof result === 'object' || typeof result === 'function') && typeof result.then === 'function') {
    Promise.resolve(result).then((value) => answer(activation, value), (error) => answerRejection(activation, error));
  } else {
    answer(activation, result);
  }
}

function answer(activation, value) {
  if (value === undefined) value = {};
  if (typeof value !== 'object') {
    end(activation, RUN_FAILED, 'The action did not return a dictionary.');
    return;
  }
  let text;
  try {
    text = stringify(value);
  } catch (error) {
    printStack(activation, error);
    end(activation, RUN_FAILED, 'Internal error.');
    return;
  }
  // toJSON may have answered what JSON cannot say.
  end(activation, text === undefined ? RUN_FAILED : ANSWER, text ?? 'The action did not return a dictionary.');
}

function answerRejection(activation, error) {
  const { serializeError } = require('./serialize-error.cjs');
  answer(activation, { error: error ? serializeError(error) : {} });
}

function runFailed(activation, error) {
  printStack(activation, error);
  let text;
  try {
    text = 'An error has occurred: ' + error;
  } catch {
    text = 'An error has occurred: ' + Object.prototype.toString.call(error);
  }
  end(activation, RUN_FAILED, text);
}

function printStack(activation, error) {
  let text;
  try {
    text = String(error?.stack ?? error);
  } catch {
    text = Object.prototype.toString.call(error);
  }
  for (const line of text.split('\n')) printLine(activation, 1, line);
}

// ---- what comes in

let waiting = null;
let waitingBytes = 0;

function received(count, buffer) {
  let chunk = buffer.subarray(0, count);
  if (waiting !== null) {
    waiting.push(Buffer.from(chunk));
    waitingBytes += count;
    if (waitingBytes < 4) return;
    if (waiting[0].length < 4) waiting = [Buffer.concat(waiting)];
    if (waitingBytes < waiting[0].readUInt32LE(0) + 4) return;
    chunk = Buffer.concat(waiting);
    waiting = null;
  }
  let at = 0;
  while (chunk.length - at >= 4) {
    const frameEnd = at + 4 + chunk.readUInt32LE(at);
    if (frameEnd > chunk.length) break;
    dispatch(chunk[at + 4], chunk.readUInt32LE(at + 5), chunk.subarray(at + HEADER_BYTES, frameEnd));
    at = frameEnd;
  }
  if (at < chunk.length) {
    waiting = [Buffer.from(chunk.subarray(at))];
    waitingBytes = chunk.length - at;
  }
}

// At once: what comes behind the question may keep this turn of the event loop for long.
function pong() {
  send(PONG, 0, '');
  flush();
}

function dispatch(type, id, payload) {
  if (type === RUN || type === RUN_WITH_NEW_VARIABLES) run(id, payload, type === RUN_WITH_NEW_VARIABLES);
  else if (type === PING) pong();
  else if (type === LOAD) load(id, payload);
  else if (type === INSPECT) inspect();
}

// A debugger wants in. What goes wrong in its thread is told by the socket that it does not open, or closes.
function inspect() {
  const { Worker } = require('node:worker_threads');
  const worker = new Worker(path.join(__dirname, 'inspector.cjs'), {
    workerData: path.join(path.dirname(socketPath), 'd'), execArgv: [], stdout: true, stderr: true,
  });
  worker.on('error', () => {});
  worker.unref();
}

function hostIsGone() {
  process.kill(process.pid, 'SIGKILL');
}

process.on('uncaughtExceptionMonitor', (error) => {
  const asking = currentActivation();
  for (const activation of asking === null ? running.values() : [asking]) printStack(activation, error);
});

// An error that nobody caught ends the process, as Node.js does. When other activations run beside the one whose
// error it is, they may come to their end first: the host then gives this process nothing more.
function crashAlone(error) {
  if (process.listenerCount('uncaughtException') > 1) return;
  const asking = storage.getStore();
  if (asking === undefined || asking.ended || running.size === 1) process.exit(1);
  end(asking, RUN_CRASHED, '');
}

process.on('exit', () => {
  for (const activation of running.values()) flushPartialLines(activation);
  flush();
});

replaceStandardStreams();
socket = net.connect({
  path: socketPath,
  onread: { buffer: Buffer.allocUnsafeSlow(OUT_BYTES), callback: (count, buffer) => { received(count, buffer); return true; } },
});
socket.on('connect', () => {
  socketFd = socket._handle?.fd ?? -1;
  require('./loader.cjs').warm(codeDirectory);
  send(READY, 0, process.version);
});
socket.on('error', hostIsGone);
socket.on('end', hostIsGone);
socket.on('close', hostIsGone);
