// Runs Adobe's generator for event actions as 'aio app add event' does, builds what it wrote with Adobe's builder, and
// deploys and registers it. Preloaded with redirect.cjs: the generator asks the server under test for providers.
// Environment: SIGNALBOX_URL, CONSOLE_JSON, __OW_*; the current folder becomes the app.
import fs from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { report } from './report.mjs'

const require = createRequire(import.meta.url)
const { SIGNALBOX_URL: url, CONSOLE_JSON: consoleJson } = process.env
const { project } = JSON.parse(await fs.readFile(consoleJson))
const { workspace, org } = project
const credential = workspace.details.credentials.find(c => c.integration_type === 'oauth_server_to_server').oauth_server_to_server
const place = [org.id, project.id, workspace.id]
const code = 'com.example.template'

async function signIn () {
  const { client_id, client_secrets } = credential
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret: client_secrets[0], scope: 'adobeio_api' })
  return (await (await fetch(`${url}/ims/token/v3`, { method: 'POST', body: form })).json()).access_token
}

async function writeApp (token) {
  await fs.writeFile('package.json', JSON.stringify({ name: 'template-app', version: '0.0.1' }))
  await fs.writeFile('app.config.yaml', 'application:\n  runtimeManifest:\n    packages:\n      orders:\n        license: Apache-2.0\n        actions: {}\n')
  await fs.writeFile('.env', `SERVICE_API_KEY=${credential.client_id}\n`)
  await fs.writeFile('.aio', JSON.stringify({ project }))
  await fs.symlink(path.join(import.meta.dirname, 'node_modules'), 'node_modules')
  process.env.SERVICE_API_KEY = credential.client_id
  process.env.AIO_IMS_CONTEXTS_CLI_ACCESS__TOKEN_TOKEN = token
  process.env.AIO_IMS_CONTEXTS_CLI_ACCESS__TOKEN_EXPIRY = '4102444800000'
}

// What a user would answer to the generator's questions: the defaults, and this test's provider and event.
function answer (question, providerId) {
  const choices = question.choices ?? []
  switch (question.name) {
    case 'providerMetadataIds': return ['3rd_party_custom_events']
    case 'provider': return choices.find(choice => choice.value.id === providerId).value
    case 'eventMetadataSelection': return [code]
    default: return question.default
  }
}

async function generate (providerId) {
  const yeoman = require('yeoman-environment')
  const env = yeoman.createEnv([], { cwd: process.cwd(), skipInstall: true })
  env.adapter.prompt = async questions => Object.fromEntries([questions].flat().map(q => [q.name, answer(q, providerId)]))
  const generator = env.instantiate(require('@adobe/generator-add-events-generic'), {
    options: {
      'skip-prompt': false,
      'action-folder': 'actions',
      'config-path': 'app.config.yaml',
      'full-key-to-manifest': 'application.runtimeManifest',
      'events-config-path': 'app.config.yaml',
      'full-key-to-events-manifest': 'application.events',
      force: true,
      skipInstall: true
    }
  })
  await env.runGenerator(generator)
}

async function deploy (application) {
  const { default: runtime } = await import('@adobe/aio-lib-runtime')
  const { default: openwhisk } = await import('openwhisk')
  const [zip] = await runtime.buildActions(application)
  const [[packageName, { actions }]] = Object.entries(application.manifest.full.packages)
  const [[actionName, { annotations, inputs, web, runtime: wanted }]] = Object.entries(actions)
  const offered = (await (await fetch(url)).json()).runtimes.nodejs.map(r => r.kind)
  const ow = openwhisk()
  await ow.packages.update({ name: packageName })
  await ow.actions.update({
    name: `${packageName}/${actionName}`,
    action: await fs.readFile(zip),
    kind: offered.includes(wanted) ? wanted : 'nodejs:default',
    params: inputs,
    annotations: { ...annotations, 'web-export': web !== 'no' }
  })
  return `${packageName}/${actionName}`
}

await report({
  async generateAndDeploy () {
    const token = await signIn()
    await writeApp(token)
    const { default: events } = await import('@adobe/aio-lib-events')
    const client = await events.init(org.ims_org_id, credential.client_id, token)
    const provider = await client.createProvider(...place, { label: 'Template provider' })
    await client.createEventMetadataForProvider(...place, provider.id, { event_code: code, label: 'Template event', description: 'Published by an end-to-end test' })
    await generate(provider.id)
    const { default: appConfig } = await import('@adobe/aio-cli-lib-app-config')
    const { application } = (await appConfig.load({})).all
    const deployed = await deploy(application)
    const [[name, registration]] = Object.entries(application.events.registrations)
    const registered = await client.createRegistration(...place, {
      name,
      client_id: credential.client_id,
      description: registration.description,
      delivery_type: 'webhook',
      runtime_action: registration.runtime_action,
      events_of_interest: registration.events_of_interest.flatMap(i => i.event_codes.map(event_code => ({ provider_id: provider.id, event_code })))
    })
    const published = await client.publishEvent({ specversion: '1.0', id: 'template-1', source: `urn:uuid:${provider.id}`, type: code, datacontenttype: 'application/json', data: { from: 'the template' } })
    return { deployed, code: await fs.readFile('actions/generic/index.js', 'utf8'), env: await fs.readFile('.env', 'utf8'), registered, published }
  }
})
