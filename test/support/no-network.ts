/** Loaded before a program (`node --import`): whatever of Node would open a socket or ask a name server throws instead. */
import childProcess from 'node:child_process'
import dgram from 'node:dgram'
import dns from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import tls from 'node:tls'

function denied(name: string) {
  return () => {
    process.stderr.write(`denied: ${name}\n`)
    throw new Error(`${name} is denied here`)
  }
}

const DENIED: readonly (readonly [string, object, readonly string[]])[] = [
  ['net', net, ['connect', 'createConnection', 'createServer']],
  ['net.Socket', net.Socket.prototype, ['connect']],
  ['tls', tls, ['connect']],
  ['http', http, ['request', 'get']],
  ['https', https, ['request', 'get']],
  ['dgram', dgram, ['createSocket']],
  ['dns', dns, ['lookup', 'resolve', 'resolve4', 'resolve6']],
  ['dns.promises', dns.promises, ['lookup', 'resolve', 'resolve4', 'resolve6']],
  ['child_process', childProcess, ['spawn', 'spawnSync', 'exec', 'execFile', 'execFileSync', 'fork']],
  ['global', globalThis, ['fetch', 'WebSocket']],
]

for (const [name, holder, methods] of DENIED) {
  for (const method of methods) {
    Object.defineProperty(holder, method, { value: denied(`${name}.${method}`), configurable: true })
  }
}
syncBuiltinESMExports()
