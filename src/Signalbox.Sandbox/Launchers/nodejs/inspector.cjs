'use strict';
// Lets a debugger talk to the main thread: messages of the inspector's protocol, each [u32 length, little endian]
// [JSON], between the host's second socket and this process's own inspector. It runs in a thread of its own, so that
// the main thread can be asked and resumed while it stands at a breakpoint. No port is opened anywhere.

const net = require('node:net');
const { Session } = require('node:inspector');
const { workerData } = require('node:worker_threads');

const LENGTH_BYTES = 4;

const session = new Session();
session.connectToMainThread();
const socket = net.connect(workerData);

function send(message) {
  const text = JSON.stringify(message);
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + Buffer.byteLength(text));
  frame.writeUInt32LE(frame.length - LENGTH_BYTES, 0);
  frame.write(text, LENGTH_BYTES, 'utf8');
  socket.write(frame);
}

function ask({ id, method, params }) {
  try {
    session.post(method, params, (error, result) => send(error ? { id, error } : { id, result }));
  } catch (error) {
    send({ id, error: { code: -32600, message: String(error?.message ?? error) } });
  }
}

let waiting = Buffer.alloc(0);

session.on('inspectorNotification', send);
socket.on('data', (chunk) => {
  waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
  while (waiting.length >= LENGTH_BYTES) {
    const end = LENGTH_BYTES + waiting.readUInt32LE(0);
    if (waiting.length < end) return;
    const text = waiting.toString('utf8', LENGTH_BYTES, end);
    waiting = waiting.subarray(end);
    ask(JSON.parse(text));
  }
});
socket.on('error', () => {});
// Without its debugger the main thread goes on, also from a breakpoint.
socket.on('close', () => session.disconnect());
