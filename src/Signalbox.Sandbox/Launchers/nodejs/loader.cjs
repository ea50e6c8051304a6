'use strict';
// Finds the function that an action's code offers as its entry point (OpenWhisk behaviour, section 6.3).

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { createRequire } = require('node:module');

const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*(\.[\p{ID_Start}$_][\p{ID_Continue}$]*)*$/u;
const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname'];

class EntryPointError extends Error {}

/** Source text: a declaration, a constant, a global or an export named `main`. */
function loadText(directory, code, mainName) {
  if (!NAME.test(mainName)) throw notAFunction(mainName);
  const filename = path.join(directory, 'index.js');
  const module = { exports: {}, id: filename, filename, loaded: false, children: [], paths: [] };
  const first = mainName.split('.', 1)[0];
  // After the user's last line, so that line numbers in stack traces are the user's own.
  const source = `${code}\n;return typeof ${first} === 'undefined' ? undefined : ${mainName};`;
  const options = { filename, importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER };
  let evaluate;
  try {
    evaluate = vm.compileFunction(source, PARAMETERS, options);
  } catch (error) {
    // Its error may point into our own last line; that of the user's code alone does not.
    vm.compileFunction(code, PARAMETERS, options);
    throw error;
  }
  const declared = evaluate.call(module.exports, module.exports, createRequire(filename), module, filename, directory);
  module.loaded = true;
  const main = declared ?? member(module.exports, mainName);
  if (typeof main !== 'function') throw notAFunction(mainName);
  return main;
}

/** An unpacked archive: the entry point is `fn` or `obj.fn` of the root module, or `file.fn` of another. */
function loadArchive(directory, mainName) {
  process.chdir(directory);
  if (!NAME.test(mainName)) throw notAFunction(mainName);
  const [first, ...rest] = mainName.split('.');
  if (rest.length > 0) {
    const file = moduleFile(directory, first);
    if (file !== null) return entryPoint(file, rest.join('.'), mainName);
  }
  if (!fs.existsSync(path.join(directory, 'package.json')) && !fs.existsSync(path.join(directory, 'index.js'))) {
    throw new EntryPointError('Zipped actions must contain either package.json or index.js at the root.');
  }
  return entryPoint(directory, mainName, mainName);
}

function moduleFile(directory, name) {
  for (const extension of ['.js', '.cjs', '.mjs']) {
    const file = path.join(directory, name + extension);
    if (fs.existsSync(file)) return file;
  }
  return null;
}

function entryPoint(moduleName, memberName, mainName) {
  const require = createRequire(path.join(moduleName, 'package.json'));
  let loaded;
  try {
    loaded = require(moduleName);
  } catch (error) {
    if (error?.code !== 'ERR_REQUIRE_ESM' && error?.code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
    const { pathToFileURL } = require('node:url');
    return import(pathToFileURL(require.resolve(moduleName)).href).then((module) => functionOf(module, memberName, mainName));
  }
  return functionOf(loaded, memberName, mainName);
}

function functionOf(module, memberName, mainName) {
  const main = member(module, memberName) ?? member(module?.default, memberName);
  if (typeof main !== 'function') throw notAFunction(mainName);
  return main;
}

function member(object, name) {
  return name.split('.').reduce((value, key) => value?.[key], object);
}

function notAFunction(mainName) {
  return new EntryPointError(`Action entrypoint '${mainName}' is not a function.`);
}

function describeLoadError(error) {
  return `Initialization has failed due to: ${describe(error)}`;
}

function describe(error) {
  if (error instanceof EntryPointError) return error.message;
  const stack = typeof error?.stack === 'string' ? error.stack : null;
  if (stack === null) return String(error);
  if (error.name !== 'SyntaxError' || stack.startsWith('SyntaxError')) return stack;
  // V8 puts the place before the message; readers look for the error's name first.
  const [place, ...excerpt] = stack.slice(0, stack.indexOf('\nSyntaxError')).trimEnd().split('\n');
  return [`SyntaxError: ${error.message}`, `    at ${place}`, ...excerpt.map((line) => `    ${line}`)].join('\n');
}

/** Compiles what the first load would otherwise compile, while nobody waits. */
function warm(directory) {
  loadText(directory, 'function main() { return {} }', 'main')({});
}

module.exports = { loadText, loadArchive, describeLoadError, warm };
