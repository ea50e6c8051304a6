'use strict';
// What a rejection becomes in the answer: the form of the serialize-error package, version 9, which the reference
// runtime uses (OpenWhisk behaviour, section 6.3).

const COMMON = ['name', 'message', 'stack', 'code'];

function serializeError(value) {
  if (typeof value === 'object' && value !== null) return copy(value, []);
  if (typeof value === 'function') return `[Function: ${value.name || 'anonymous'}]`;
  return typeof value === 'bigint' ? String(value) : value;
}

function copy(from, seen) {
  const to = Array.isArray(from) ? [] : {};
  seen = [...seen, from];
  if (typeof from.toJSON === 'function') return from.toJSON();
  for (const [key, value] of Object.entries(from)) {
    if (typeof value === 'function') continue;
    if (Buffer.isBuffer(value)) to[key] = '[object Buffer]';
    else if (typeof value === 'bigint') to[key] = String(value);
    else if (value === null || typeof value !== 'object') to[key] = value;
    else if (typeof value.pipe === 'function') to[key] = '[object Stream]';
    else to[key] = seen.includes(value) ? '[Circular]' : copy(value, seen);
  }
  for (const key of COMMON) {
    if (typeof from[key] === 'string') to[key] = from[key];
  }
  return to;
}

module.exports = { serializeError };
