// The scenarios of the package 'openwhisk'. Environment: __OW_API_HOST, __OW_API_KEY, __OW_NAMESPACE.
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import openwhisk from 'openwhisk'
import runtime from '@adobe/aio-lib-runtime'
import { eventually, refusal, report } from './report.mjs'

const ow = openwhisk()
const greet = 'function main (params) { console.log(`greeting ${params.name}`); return { greeting: `Hello, ${params.name}!` } }'

await report({
  async actions () {
    const name = 'greet'
    const created = await ow.actions.create({ name, action: greet, kind: 'nodejs:default', params: { name: 'nobody' }, limits: { timeout: 5000 } })
    const again = await refusal(ow.actions.create({ name, action: greet, kind: 'nodejs:default' }))
    const updated = await ow.actions.update({ name, action: greet, kind: 'nodejs:default', params: { name: 'somebody' } })
    const got = await ow.actions.get({ name })
    const withoutCode = await ow.actions.get({ name, code: false })
    const listed = await ow.actions.list()
    const blocking = await ow.actions.invoke({ name, blocking: true, params: { name: 'Ada' } })
    const result = await ow.actions.invoke({ name, blocking: true, result: true })
    const started = await ow.actions.invoke({ name, params: { name: 'later' } })
    const later = await eventually('the activation', () => ow.activations.get({ name: started.activationId }).catch(() => null))
    const deleted = await ow.actions.delete({ name })
    const gone = await refusal(ow.actions.get({ name }))
    return { created, again, updated, got, withoutCode, listed: listed.map(a => a.name), blocking, result, started, later, deleted, gone }
  },

  async failures () {
    await ow.actions.update({ name: 'throws', action: 'function main () { throw new Error("no way") }', kind: 'nodejs:default' })
    await ow.actions.update({ name: 'rejects', action: 'function main () { return { error: { statusCode: 418, body: "teapot" } } }', kind: 'nodejs:default' })
    await ow.actions.update({ name: 'sleeps', action: 'function main () { return new Promise(resolve => setTimeout(resolve, 60000)) }', kind: 'nodejs:default', limits: { timeout: 500 } })
    await ow.actions.update({ name: 'broken', action: 'function main ( {', kind: 'nodejs:default' })
    return {
      throws: await refusal(ow.actions.invoke({ name: 'throws', blocking: true })),
      rejects: await refusal(ow.actions.invoke({ name: 'rejects', blocking: true })),
      sleeps: await refusal(ow.actions.invoke({ name: 'sleeps', blocking: true })),
      broken: await refusal(ow.actions.invoke({ name: 'broken', blocking: true })),
      unknown: await refusal(ow.actions.invoke({ name: 'unknown', blocking: true })),
      unknownActivation: await refusal(ow.activations.get({ name: '0'.repeat(32) })),
      wrongKey: await refusal(openwhisk({ api_key: process.env.__OW_API_KEY.replace(/.$/, '!') }).actions.list())
    }
  },

  async packages () {
    await ow.packages.update({ name: 'tools', package: { parameters: [{ key: 'name', value: 'package' }, { key: 'punctuation', value: '?' }] } })
    await ow.actions.update({ name: 'tools/shout', action: 'function main (p) { return { text: (p.name + p.punctuation).toUpperCase() } }', kind: 'nodejs:default' })
    const bound = await ow.packages.update({ name: 'bound-tools', package: { binding: { namespace: '_', name: 'tools' }, parameters: [{ key: 'name', value: 'binding' }] } })
    const got = await ow.packages.get({ name: 'tools' })
    const listed = await ow.packages.list()
    const own = await ow.actions.invoke({ name: 'tools/shout', blocking: true, result: true })
    const through = await ow.actions.invoke({ name: 'bound-tools/shout', blocking: true, result: true, params: { punctuation: '!' } })
    const notEmpty = await refusal(ow.packages.delete({ name: 'tools' }))
    await ow.actions.delete({ name: 'tools/shout' })
    await ow.packages.delete({ name: 'bound-tools' })
    await ow.packages.delete({ name: 'tools' })
    const gone = await refusal(ow.packages.get({ name: 'tools' }))
    return { bound, got, listed: listed.map(p => ({ name: p.name, binding: p.binding })), own, through, notEmpty, gone }
  },

  async sequences () {
    await ow.actions.update({ name: 'add-one', action: 'function main ({ n }) { return { n: n + 1 } }', kind: 'nodejs:default' })
    await ow.actions.update({ name: 'double', action: 'function main ({ n }) { if (n > 100) { throw new Error("too much") } return { n: n * 2 } }', kind: 'nodejs:default' })
    const namespace = process.env.__OW_NAMESPACE
    const created = await ow.actions.update({ name: 'add-and-double', sequence: [`/${namespace}/add-one`, '/_/double'] })
    const record = await ow.actions.invoke({ name: 'add-and-double', blocking: true, params: { n: 3 } })
    const stored = await eventually('the sequence activation', () => ow.activations.get({ name: record.activationId }).catch(() => null))
    const components = await Promise.all(stored.logs.map(name => ow.activations.get({ name })))
    const failed = await refusal(ow.actions.invoke({ name: 'add-and-double', blocking: true, params: { n: 100 } }))
    return { created, record, stored, components, failed }
  },

  async activations () {
    await ow.actions.update({ name: 'talks', action: 'function main ({ n }) { console.log(`line ${n}`); console.error("to stderr"); return { n } }', kind: 'nodejs:default' })
    const before = Date.now() - 1
    const ids = []
    for (const n of [1, 2, 3]) {
      ids.push((await ow.actions.invoke({ name: 'talks', params: { n } })).activationId)
    }

    const listed = await eventually('three activations', async () => {
      const found = await ow.activations.list({ name: 'talks', since: before })
      return found.length === 3 && found
    })
    const limited = await ow.activations.list({ name: 'talks', limit: 1 })
    const counted = await ow.activations.list({ name: 'talks', count: true, since: before })
    const [name] = ids
    return { ids, listed, limited, counted, got: await ow.activations.get({ name }), logs: await ow.activations.logs({ name }), result: await ow.activations.result({ name }) }
  },

  async kinds () {
    const actions = {
      'python:default': 'def main(args):\n    print("from python")\n    return {"hello": args["name"]}',
      'dotnet:10': 'public static class A { public static Dictionary<string, string> Main(Dictionary<string, string> args) => new() { ["hello"] = args["name"] }; }',
      native: '#!/bin/bash\nwhile read -r line; do echo "{\\"hello\\":\\"$(sed \'s/.*"name":"\\([^"]*\\)".*/\\1/\' <<<"$line")\\"}" >&3; done'
    }
    const happened = {}
    for (const [kind, action] of Object.entries(actions)) {
      const name = kind.split(':')[0]
      const created = await ow.actions.update({ name, action, kind, limits: { memory: 512 } })
      const result = await ow.actions.invoke({ name, blocking: true, result: true, params: { name: 'Ada' } })
      const again = await ow.actions.invoke({ name, blocking: true, result: true, params: { name: 'Bob' } })
      happened[name] = { kind: created.exec.kind, result, again }
    }
    return { ...happened, deprecated: await refusal(ow.actions.update({ name: 'old', action: greet, kind: 'nodejs:18' })) }
  },

  async archive () {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'signalbox-zip-'))
    try {
      await fs.mkdir(path.join(folder, 'action', 'lib'), { recursive: true })
      await fs.writeFile(path.join(folder, 'action', 'package.json'), JSON.stringify({ main: 'lib/start.js' }))
      await fs.writeFile(path.join(folder, 'action', 'lib', 'start.js'), 'const { word } = require("./word"); exports.main = () => ({ word })')
      await fs.writeFile(path.join(folder, 'action', 'lib', 'word.js'), 'exports.word = "zipped"')
      await runtime.utils.zip(path.join(folder, 'action'), path.join(folder, 'action.zip'))
      const created = await ow.actions.update({ name: 'zipped', action: await fs.readFile(path.join(folder, 'action.zip')), kind: 'nodejs:default' })
      return { binary: created.exec.binary, result: await ow.actions.invoke({ name: 'zipped', blocking: true, result: true }) }
    } finally {
      await fs.rm(folder, { recursive: true })
    }
  }
})
