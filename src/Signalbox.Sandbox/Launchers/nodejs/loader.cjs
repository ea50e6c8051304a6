'use strict';
// Finds the function that an action's code offers as its entry point (OpenWhisk behaviour, section 6.3).

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { createRequire } = require('node:module');
const { pathToFileURL } = require('node:url');

const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*(\.[\p{ID_Start}$_][\p{ID_Continue}$]*)*$/u;
const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname'];

class EntryPointError extends Error {}

/** Source text: a declaration, a constant, a global or an export named `main`, or an ES module. */
function loadText(directory, code, mainName, name = 'index.js') {
  if (!NAME.test(mainName)) throw notAFunction(mainName);
  const filename = path.join(directory, name);
  const module = { exports: {}, id: filename, filename, loaded: false, children: [], paths: [] };
  const first = mainName.split('.', 1)[0];
  // After the user's last line, so that line numbers in stack traces are the user's own.
  const source = `${code}\n;return typeof ${first} === 'undefined' ? undefined : ${mainName};`;
  if (hasSourceMap(code)) return loadMapped(filename, source, mainName);
  const options = { filename, importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER };
  let evaluate;
  try {
    evaluate = vm.compileFunction(source, PARAMETERS, options);
  } catch (error) {
    // The host leaves text that may be a module as this file.
    const moduleFile = path.join(directory, 'index.mjs');
    if (error instanceof SyntaxError && fs.existsSync(moduleFile)) return importMain(moduleFile, mainName, mainName);
    // Its error may point into our own last line; that of the user's code alone does not.
    vm.compileFunction(code, PARAMETERS, options);
    throw error;
  }
  const declared = evaluate.call(module.exports, module.exports, createRequire(filename), module, filename, directory);
  module.loaded = true;
  const main = declared ?? member(module.exports, mainName);
  if (typeof main !== 'function') throw notAFunction(mainName, filename, module.exports);
  return main;
}

// Only Node.js's own module loader takes note of source maps.
function loadMapped(filename, source, mainName) {
  const { Module } = require('node:module');
  useSourceMaps();
  const module = new Module(filename);
  module.filename = filename;
  module.paths = Module._nodeModulePaths(path.dirname(filename));
  const main = module._compile(source, filename) ?? member(module.exports, mainName);
  if (typeof main !== 'function') throw notAFunction(mainName, filename, module.exports);
  return main;
}

function hasSourceMap(code) {
  return code.includes('//# sourceMappingURL=');
}

/** Costs each later load a look for maps, so it is switched on for code that has one. */
function useSourceMaps() {
  process.setSourceMapsEnabled(true);
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
  const file = require.resolve(moduleName);
  if (hasSourceMap(fs.readFileSync(file, 'latin1'))) useSourceMaps();
  let loaded;
  try {
    loaded = require(moduleName);
  } catch (error) {
    if (error?.code !== 'ERR_REQUIRE_ESM' && error?.code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
    return importMain(file, memberName, mainName);
  }
  return functionOf(loaded, memberName, mainName, file);
}

function importMain(file, memberName, mainName) {
  return import(pathToFileURL(file).href).then((module) => functionOf(module, memberName, mainName, file), (error) => {
    if (error instanceof SyntaxError) error.file = file;
    throw error;
  });
}

function functionOf(module, memberName, mainName, file) {
  const byDefault = module?.default;
  const main = member(module, memberName) ?? member(byDefault, memberName) ??
    (memberName === 'main' && typeof byDefault === 'function' ? byDefault : undefined);
  if (typeof main !== 'function') throw notAFunction(mainName, file, module);
  return main;
}

function member(object, name) {
  return name.split('.').reduce((value, key) => value?.[key], object);
}

function notAFunction(mainName, file, exported) {
  const error = new EntryPointError(`Action entrypoint '${mainName}' is not a function.`);
  if (file !== undefined) {
    const names = exported !== null && typeof exported === 'object' ? Object.keys(exported) : [];
    error.hint = `${file} exports ${names.length > 0 ? names.join(', ') : 'nothing'}.`;
  }
  return error;
}

/** The text for the activation's error; the log gets the same, for those who read that. */
function describeLoadError(error) {
  const text = describe(error);
  process.stderr.write(`${text}\n`);
  if (error instanceof EntryPointError && error.hint !== undefined) process.stderr.write(`${error.hint}\n`);
  return `Initialization has failed due to: ${text}`;
}

function describe(error) {
  if (error instanceof EntryPointError) return error.message;
  const stack = typeof error?.stack === 'string' ? error.stack : null;
  if (stack === null) return String(error);
  if (error.name !== 'SyntaxError' || stack.startsWith('SyntaxError')) return usersLines(stack) + lineOf(error);
  // V8 puts the place before the message; readers look for the error's name first.
  const [place, ...excerpt] = stack.slice(0, stack.indexOf('\nSyntaxError')).trimEnd().split('\n');
  return [`SyntaxError: ${error.message}`, `    at ${place}`, ...excerpt.map((line) => `    ${line}`)].join('\n');
}

// Where Node.js leaves out the line: a module that is not found, and a syntax error in an ES module.
function lineOf(error) {
  if (error.code === 'ERR_MODULE_NOT_FOUND') return placeOfImport(error.message);
  return error.name === 'SyntaxError' && error.file !== undefined ? placeOfSyntaxError(error.file) : '';
}

function placeOfImport(message) {
  const [, wanted, importer] = /^Cannot find (?:package|module) '([^']+)' imported from (\S+)/.exec(message) ?? [];
  if (importer === undefined || !fs.existsSync(importer)) return '';
  const name = path.isAbsolute(wanted) ? path.basename(wanted) : wanted;
  const line = fs.readFileSync(importer, 'utf8').split('\n').findIndex((text) => text.includes(name));
  return line < 0 ? '' : `\n    at ${importer}:${line + 1}`;
}

// A script's compiler tells the line, so it is given the module without what only a module may say.
function placeOfSyntaxError(file) {
  const blank = (text) => text.replace(/[^\n]/g, ' ');
  const source = fs.readFileSync(file, 'utf8');
  const script = source
    .replace(/^[ \t]*import\b(?!\s*[(.])[^;'"]*(['"])[^'"\n]*\1/gm, blank)
    .replace(/^[ \t]*export\s*\{[^}]*\}(\s*from\s*(['"])[^'"\n]*\2)?/gm, blank)
    .replace(/^([ \t]*)export\s+default\b/gm, '$1void')
    .replace(/^([ \t]*)export\b/gm, '$1');
  try {
    new vm.Script(`async () => {${script}\n}`, { filename: file });
  } catch (error) {
    const [, line] = new RegExp(':(\\d+)\\n').exec(`${error.stack.split('\n', 1)[0]}\n`) ?? [];
    if (line !== undefined) return `\n    at ${file}:${Math.min(line, source.trimEnd().split('\n').length)}`;
  }
  return `\n    in ${file}`;
}

// The frames of this launcher and of Node.js's loader say nothing to the user.
function usersLines(stack) {
  const lines = stack.split('\n');
  const users = lines.filter((line) => !/^\s+at .*(?:\(|\s)(?:node:internal\/|file:\/\/\/launcher\/)/.test(line) && !line.includes(__dirname + path.sep));
  return users.join('\n');
}

/**
 * Compiles what the first load would otherwise compile, while nobody waits. Under another name: V8 moves breakpoints
 * of the user's file after the first text that it sees under the file's name.
 */
function warm(directory) {
  loadText(directory, 'function main() { return {} }', 'main', 'warm.js')({});
}

module.exports = { loadText, loadArchive, describeLoadError, warm };
