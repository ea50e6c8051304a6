// Preloaded with NODE_OPTIONS="--require": sends what unmodified clients address to hard-wired hosts to the server
// under test, with the original host name in the Host header (clients, section 1.3).
'use strict'
const http = require('node:http')
const https = require('node:https')

const server = new URL(process.env.SIGNALBOX_URL)
const hosts = new Set(['api.adobe.io', 'eventsingress.adobe.io', 'static.adobeioevents.com'])

for (const name of ['request', 'get']) {
  const original = https[name]
  https[name] = function (first, ...rest) {
    const isUrl = typeof first === 'string' || first instanceof URL
    const options = isUrl ? { ...urlOptions(new URL(first)), ...(typeof rest[0] === 'object' ? rest.shift() : {}) } : { ...first }
    const host = options.hostname ?? options.host
    if (!hosts.has(host)) {
      return original.call(https, first, ...rest)
    }

    return http[name]({
      ...options,
      protocol: 'http:',
      host: server.hostname,
      hostname: server.hostname,
      port: server.port,
      agent: undefined,
      headers: { ...plain(options.headers), host }
    }, ...rest)
  }
}

function urlOptions (url) {
  return { hostname: url.hostname, port: url.port, path: url.pathname + url.search }
}

// node-fetch gives its headers as arrays.
function plain (headers = {}) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]))
}
