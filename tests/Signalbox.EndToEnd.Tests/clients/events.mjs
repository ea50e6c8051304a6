// The scenarios of '@adobe/aio-lib-events'.
// Environment: SIGNALBOX_URL, CONSOLE_JSON (path of console.json), and what the scenarios name.
import { appendFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import http from 'node:http'
import { eventually, report } from './report.mjs'

const { SIGNALBOX_URL: url, CONSOLE_JSON: consoleJson } = process.env
const { project } = JSON.parse(await fs.readFile(consoleJson))
const { workspace, org } = project
const credential = workspace.details.credentials.find(c => c.integration_type === 'oauth_server_to_server').oauth_server_to_server
const place = [org.id, project.id, workspace.id]

async function signIn () {
  const { client_id, client_secrets } = credential
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret: client_secrets[0], scope: 'openid,AdobeID,adobeio_api' })
  const response = await fetch(`${url}/ims/token/v3`, { method: 'POST', body: form })
  if (!response.ok) {
    throw new Error(`no token: ${response.status} ${await response.text()}`)
  }

  return (await response.json()).access_token
}

async function connect () {
  const { default: events } = await import('@adobe/aio-lib-events')
  return events.init(org.ims_org_id, credential.client_id, await signIn(), { eventsBaseURL: url, eventsIngressURL: `${url}/ingress` })
}

// A provider with one event, and a registration of it.
async function register (client, target) {
  const provider = await client.createProvider(...place, { label: 'From aio-lib-events', description: 'An end-to-end test' })
  const code = 'com.example.shipped'
  const metadata = await client.createEventMetadataForProvider(...place, provider.id, { event_code: code, label: 'Shipped', description: 'Something was shipped' })
  const registration = await client.createRegistration(...place, {
    name: `aio-lib-events ${provider.id}`,
    description: 'An end-to-end test',
    client_id: credential.client_id,
    events_of_interest: [{ provider_id: provider.id, event_code: code }],
    ...target
  })
  const event = id => ({ specversion: '1.0', id, source: `urn:uuid:${provider.id}`, type: code, datacontenttype: 'application/json', data: { parcel: id } })
  return { provider, metadata, registration, event }
}

const journalUrl = registration => new URL(registration._links['rel:events'].href, url).href

await report({
  // The way of a publisher and of an action's owner.
  async action () {
    const client = await connect()
    const { provider, metadata, registration, event } = await register(client, { delivery_type: 'webhook', runtime_action: process.env.RUNTIME_ACTION })
    const published = await client.publishEvent(event('parcel-1'))
    const again = await client.getRegistration(...place, registration.registration_id)
    const listed = await client.getAllRegistrationsForWorkspace(...place)
    const providers = await client.getAllProviders(org.id, { fetchEventMetadata: true })
    const families = await client.getProviderMetadata()
    const journaled = await eventually('the event in the journal', async () => {
      const page = await client.getEventsFromJournal(journalUrl(registration))
      return page.events && page
    })
    return {
      provider,
      metadata,
      registration,
      published,
      again,
      listed: listed._embedded.registrations.map(r => r.registration_id),
      provided: providers._embedded.providers.find(p => p.id === provider.id),
      families: families._embedded.providermetadata.map(f => f.id),
      journaled
    }
  },

  async deleteRegistration () {
    const client = await connect()
    const deleted = await client.deleteRegistration(...place, process.env.REGISTRATION_ID)
    const after = await client.getRegistration(...place, process.env.REGISTRATION_ID).catch(error => ({ message: error.message }))
    return { deleted: deleted ?? null, after }
  },

  async journal () {
    const client = await connect()
    const { registration, event } = await register(client, { delivery_type: 'journal' })
    const journal = journalUrl(registration)
    const empty = await client.getEventsFromJournal(journal, { latest: true })
    const ids = ['parcel-1', 'parcel-2', 'parcel-3']
    for (const id of ids) {
      await client.publishEvent(event(id))
    }

    const first = await client.getEventsFromJournal(journal, { limit: 2 })
    const next = await client.getEventsFromJournal(first.link.next)
    const since = await client.getEventsFromJournal(journal, { since: first.events[0].position })
    const afterLatest = await client.getEventsFromJournal(empty.link.next)
    const refused = await client.getEventsFromJournal(journal, { since: 'nonsense' }).catch(error => ({ message: error.message }))
    return { ids, registration, empty, first, next, since, afterLatest, refused, deleted: await client.deleteRegistration(...place, registration.registration_id) ?? null }
  },

  async poll () {
    const client = await connect()
    const { registration, event } = await register(client, { delivery_type: 'journal' })
    const seen = []
    const polling = client.getEventsObservableFromJournal(journalUrl(registration), {}, { interval: 100 })
    const done = new Promise((resolve, reject) => {
      const subscription = polling.subscribe({
        next: e => {
          seen.push(e.event.id)
          if (seen.length === 4) {
            subscription.unsubscribe()
            resolve()
          }
        },
        error: reject
      })
    })
    for (const id of ['parcel-1', 'parcel-2', 'parcel-3', 'parcel-4']) {
      await client.publishEvent(event(id))
    }

    await done
    await client.deleteRegistration(...place, registration.registration_id)
    return { seen }
  },

  // Polls a journal for as long as it takes, over the ends of the server: whatever breaks the poller off, it is started
  // anew at the last position. JOURNAL: the journal's path. SEEN: a file that gets a line with position and id for each
  // event. The event with the id 'last' ends it.
  async follow () {
    const { JOURNAL, SEEN } = process.env
    const ends = []
    let position
    for (let ended = false; !ended;) {
      try {
        const client = await connect()
        const polling = client.getEventsObservableFromJournal(`${url}${JOURNAL}`, position ? { since: position } : {}, { interval: 50 })
        await new Promise((resolve, reject) => {
          const subscription = polling.subscribe({
            next: e => {
              position = e.position
              appendFileSync(SEEN, `${position} ${e.event.id}\n`)
              if (e.event.id === 'last') {
                ended = true
                subscription.unsubscribe()
                resolve()
              }
            },
            error: reject
          })
        })
      } catch (error) {
        ends.push(error.message)
        await new Promise(resolve => setTimeout(resolve, 50))
      }
    }

    // What it was answered with when it was not the connection that broke: journals refuse by a status.
    return { broken: ends.length, refused: [...new Set(ends.map(message => /failed with (\d+)/.exec(message)?.[1]).filter(Boolean))] }
  },

  // Calls every method that the client has, and tells which it called and which it has.
  async everything () {
    const called = new Set()
    const client = await connect()
    const recorded = new Proxy(client, {
      get (target, name) {
        const value = target[name]
        if (typeof value !== 'function' || name.startsWith('__')) {
          return value
        }

        return (...parameters) => {
          called.add(name)
          return value.apply(target, parameters)
        }
      }
    })
    const refused = promise => promise.then(() => null, error => ({ message: error.message, details: error.sdkDetails }))

    await recorded.init(org.ims_org_id, credential.client_id, client.accessToken, 'prod', client.httpOptions)
    const { provider, registration, event } = await register(recorded, { delivery_type: 'journal' })
    const code = 'com.example.shipped'
    const conflict = await refused(recorded.createProvider(...place, { label: 'Again', instance_id: provider.instance_id }))
    const renamed = await recorded.updateProvider(...place, provider.id, { label: 'Renamed', description: 'An end-to-end test' })
    const read = await recorded.getProvider(provider.id, true)
    const listed = await recorded.getAllProviders(org.id, { fetchEventMetadata: true, filterBy: { instanceId: provider.instance_id, providerMetadataId: '3rd_party_custom_events' } })
    const families = await recorded.getProviderMetadata()
    const all = await recorded.getAllEventMetadataForProvider(provider.id)
    const one = await recorded.getEventMetadataForProvider(provider.id, code)
    const updated = await recorded.updateEventMetadataForProvider(...place, provider.id, code, { event_code: code, label: 'Shipped at last', description: 'Something was shipped' })

    const again = await recorded.updateRegistration(...place, registration.registration_id, {
      name: registration.name, description: 'Changed', delivery_type: 'journal', events_of_interest: [{ provider_id: provider.id, event_code: code }]
    })
    const got = await recorded.getRegistration(...place, registration.registration_id)
    const ofWorkspace = await recorded.getAllRegistrationsForWorkspace(...place)
    const ofOrganization = await recorded.getAllRegistrationsForOrg(org.id, { page: 0, size: 1 })

    const published = await recorded.publishEvent(event('parcel-1'))
    const journal = await recorded.getEventsFromJournal(journalUrl(registration), { limit: 1 }, true)
    const polled = await new Promise((resolve, reject) => {
      const subscription = recorded.getEventsObservableFromJournal(journalUrl(registration), {}, { interval: 50 }).subscribe({
        next: e => {
          subscription.unsubscribe()
          resolve(e.event.id)
        },
        error: reject
      })
    })
    const forged = await recorded.verifyDigitalSignatureForEvent(JSON.stringify(journal.events[0].event), 'somebody-else', {})

    await recorded.deleteRegistration(...place, registration.registration_id)
    await recorded.deleteEventMetadata(...place, provider.id, code)
    await recorded.deleteAllEventMetadata(...place, provider.id)
    await recorded.deleteProvider(...place, provider.id)
    const gone = await refused(recorded.getProvider(provider.id))
    const has = Object.getOwnPropertyNames(Object.getPrototypeOf(client)).filter(name => name !== 'constructor' && !name.startsWith('__'))
    return {
      has,
      called: [...called],
      conflict,
      provider: provider.id,
      renamed: renamed.label,
      read: read._embedded.eventmetadata.map(m => m.event_code),
      listed: listed._embedded.providers.map(p => p.id),
      families: families._embedded.providermetadata.length,
      all: all._embedded.eventmetadata.length,
      one: one.label,
      updated: updated.label,
      again: again.description,
      got: got.registration_id === registration.registration_id,
      ofWorkspace: ofWorkspace._embedded.registrations.map(r => r.registration_id).includes(registration.registration_id),
      ofOrganization: ofOrganization.page,
      published,
      journal: journal.events[0].event.id,
      polled,
      forged,
      gone
    }
  },

  // DELIVERY: path of a JSON file with 'body' and 'headers' of what a webhook received.
  // Preloaded with redirect.cjs, the verifier fetches the keys that the headers name from the server under test;
  // the State service in front of them knows nothing.
  async verify () {
    const state = http.createServer((request, response) => response.writeHead(request.method === 'GET' ? 404 : 200).end())
    await new Promise(resolve => state.listen(0, '127.0.0.1', resolve))
    process.env.AIO_STATE_ENDPOINT = `http://127.0.0.1:${state.address().port}`
    const client = await connect()
    const { body, headers } = JSON.parse(await fs.readFile(process.env.DELIVERY))
    const options = {
      digiSignature1: headers['x-adobe-digital-signature-1'],
      digiSignature2: headers['x-adobe-digital-signature-2'],
      publicKeyPath1: headers['x-adobe-public-key1-path'],
      publicKeyPath2: headers['x-adobe-public-key2-path']
    }
    const nothing = Buffer.alloc(256).toString('base64')
    const verify = (event, recipient, signatures) => client.verifyDigitalSignatureForEvent(event, recipient, signatures)
    const outcome = {
      genuine: await verify(body, credential.client_id, options),
      onlyFirst: await verify(body, credential.client_id, { ...options, digiSignature2: nothing }),
      onlySecond: await verify(body, credential.client_id, { ...options, digiSignature1: nothing }),
      neither: await verify(body, credential.client_id, { ...options, digiSignature1: nothing, digiSignature2: nothing }) ?? null,
      altered: await verify(body.replace('parcel', 'parcal'), credential.client_id, options) ?? null,
      otherRecipient: await verify(body, 'somebody-else', options)
    }
    state.close()
    return outcome
  }
})
