'use strict';
// Runs an executable for Signalbox: gives it one line of JSON for each activation, and takes one line of JSON as the
// answer. docs/kinds.md has the frames to the host, and what the executable reads and writes.

const net = require('node:net');
const fs = require('node:fs');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { StringDecoder } = require('node:string_decoder');

const LOAD = 1, RUN = 2, RUN_WITH_NEW_VARIABLES = 3, PING = 4;
const READY = 10, LOADED = 11, LOAD_FAILED = 12, LOG = 13, ANSWER = 14, RUN_FAILED = 15, LOGS_TRUNCATED = 16, PONG = 17;
const HEADER_BYTES = 9;
const LINE_CHARS_MAX = 16 << 20;
const LINE_BYTES_MIN = 64; // what the host counts a shorter line as
const LAST_WORDS_MAX = 10;
const RESULT_FD = 3;

const [socketPath, codeFolder] = process.argv.slice(2);
let environment = {};
let answersOn = null;
let logBytesMax = 0;
let executable;
let program = null;
let activation = null;

// ---- frames

function send(type, id, payload) {
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUInt32LE(payload.length + 5, 0);
  head[4] = type;
  head.writeUInt32LE(id, 5);
  socket.write(Buffer.concat([head, payload]));
}

function begin(id) {
  activation = { id, started: performance.now(), logBytesLeft: logBytesMax, lastObject: null };
}

function end(type, text) {
  if (activation === null) return;
  const { id } = activation;
  activation = null;
  send(type, id, Buffer.from(text));
}

function print(stream, line) {
  if (activation === null || activation.logBytesLeft < 0) return;
  const text = Buffer.from(line);
  activation.logBytesLeft -= Math.max(LINE_BYTES_MIN, text.length);
  if (activation.logBytesLeft < 0) {
    send(LOGS_TRUNCATED, activation.id, Buffer.alloc(0));
    return;
  }
  const prefix = Buffer.alloc(9);
  prefix[0] = stream;
  prefix.writeDoubleLE(performance.now() - activation.started, 1);
  send(LOG, activation.id, Buffer.concat([prefix, text]));
}

// ---- loading

function load(id, settings) {
  logBytesMax = settings.logBytesMax;
  environment = { ...process.env, ...settings.env, ...settings.context };
  begin(id);
  try {
    answersOn = channelFor(settings.main);
    executable = findExecutable();
  } catch (error) {
    print(1, error.message);
    end(LOAD_FAILED, `Initialization has failed due to: ${error.message}`);
    return;
  }
  start();
  // One that cannot start says so at once; one that answers waits for its first line.
  program.once('spawn', () => end(LOADED, ''));
}

function channelFor(main) {
  if (main === 'main') return null;
  if (main === 'fd3' || main === 'stdout') return main;
  throw new Error(`'main' of a native action says where answers are written: 'fd3' or 'stdout', not '${main}'.`);
}

function findExecutable() {
  const file = path.join(codeFolder, 'exec');
  if (!fs.existsSync(file)) throw new Error("The archive has no file 'exec' at its root.");
  const bytes = fs.readFileSync(file).subarray(0, 256);
  if (bytes.subarray(0, 4).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46]))) return file;
  const [, interpreter] = /^#!\s*(\S+)/.exec(bytes.toString('utf8').split('\n', 1)[0]) ?? [];
  if (interpreter === undefined) {
    throw new Error("'exec' is neither an ELF executable nor a script that begins with '#!' and its interpreter.");
  }
  if (!fs.existsSync(interpreter)) {
    throw new Error(`'exec', line 1: the interpreter '${interpreter}' is not in the sandbox.`);
  }
  return file;
}

// ---- the program

function start() {
  const started = spawn(executable, [], { cwd: codeFolder, env: environment, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
  program = started;
  started.lastWords = [];
  started.on('error', (error) => {
    program = null;
    print(1, error.message);
    end(started.pid === undefined && !started.hasRun ? LOAD_FAILED : RUN_FAILED,
      `Initialization has failed due to: 'exec' could not be started: ${error.message}`);
  });
  started.stdin.on('error', () => {});
  readLines(started.stdout, (line) => fromStdout(line));
  readLines(started.stderr, (line) => {
    started.lastWords = [...started.lastWords.slice(1 - LAST_WORDS_MAX), line];
    print(1, line);
  });
  readLines(started.stdio[RESULT_FD], (line) => fromResult(line));
  started.on('close', (code, signal) => ended(started, code, signal));
}

function readLines(stream, take) {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('data', (chunk) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop();
    if (rest.length > LINE_CHARS_MAX) {
      lines.push(rest);
      rest = '';
    }
    lines.forEach(take);
  });
  stream.on('end', () => {
    if (rest.length > 0) take(rest);
  });
  stream.on('error', () => {});
}

function fromResult(line) {
  answersOn ??= 'fd3';
  if (answersOn === 'fd3') answer(line);
}

function fromStdout(line) {
  const isAnswer = answersOn !== 'fd3' && isObjectOrArray(line);
  if (isAnswer && activation !== null) answer(line);
  else print(0, line);
}

function isObjectOrArray(line) {
  const first = line.trimStart()[0];
  if (first !== '{' && first !== '[') return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

// What the program printed before its answer travels by other pipes: it is read before the activation ends.
function answer(line) {
  const answered = activation;
  setImmediate(() => setImmediate(() => {
    if (activation === answered) endWith(line);
  }));
}

function endWith(line) {
  if (isObjectOrArray(line)) {
    if (program !== null) program.hasAnswered = true;
    end(ANSWER, line);
  } else {
    print(1, `No JSON object or array: ${line.slice(0, 200)}`);
    end(RUN_FAILED, 'The action did not return a dictionary or array.');
  }
}

function ended(which, code, signal) {
  if (which !== program) return;
  program = null;
  const asked = activation;
  // Its answer may be on the way.
  setImmediate(() => setImmediate(() => setImmediate(() => {
    if (asked !== null && activation === asked) failed(which, code, signal);
  })));
}

function failed(which, code, signal) {
  if (code === 0 && which.hasAnswered && !activation.isAgain) {
    // It ended after its last answer, and never read this line.
    activation.isAgain = true;
    start();
    program.stdin.write(activation.line);
    return;
  }
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  end(RUN_FAILED, `The action's program ended with ${how} before it answered${which.lastWords.length > 0 ? `: ${which.lastWords.join('\n')}` : '.'}`);
}

function run(id, context, args) {
  begin(id);
  const request = { value: JSON.parse(args) };
  for (const [name, value] of Object.entries(context)) request[name.replace(/^__OW_/, '').toLowerCase()] = value;
  // A program that ends after each answer is started anew, and finds the activation in its variables as well.
  environment = { ...environment, ...context };
  if (program === null) start();
  program.hasRun = true;
  activation.line = JSON.stringify(request) + '\n';
  program.stdin.write(activation.line);
}

// ---- what comes in

let waiting = Buffer.alloc(0);

function received(chunk) {
  waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
  while (waiting.length >= 4) {
    const frameEnd = 4 + waiting.readUInt32LE(0);
    if (waiting.length < frameEnd) return;
    const [type, id, payload] = [waiting[4], waiting.readUInt32LE(5), waiting.subarray(HEADER_BYTES, frameEnd)];
    waiting = waiting.subarray(frameEnd);
    if (type === PING) send(PONG, 0, Buffer.alloc(0));
    else take(type, id, payload);
  }
}

function take(type, id, payload) {
  const headBytes = payload.readUInt32LE(0);
  const head = JSON.parse(payload.utf8Slice(4, 4 + headBytes));
  if (type === LOAD) load(id, head);
  else if (type === RUN || type === RUN_WITH_NEW_VARIABLES) run(id, head, payload.utf8Slice(4 + headBytes, payload.length));
}

function hostIsGone() {
  process.kill(process.pid, 'SIGKILL');
}

const socket = net.connect({ path: socketPath });
socket.on('connect', () => send(READY, 0, Buffer.from(process.version)));
socket.on('data', received);
socket.on('error', hostIsGone);
socket.on('end', hostIsGone);
socket.on('close', hostIsGone);
