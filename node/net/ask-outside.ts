/**
 * Asking a witness outside the coalition over HTTP (C2SP tlog-witness): one POST, one answer. Nothing here is trusted:
 * no redirect is followed, no answer is read beyond its bound, and the caller's signal ends it at any point.
 */
import { request as requestPlain, type IncomingMessage } from 'node:http'
import { request as requestSecure } from 'node:https'
import { isIPv4 } from 'node:net'
import type { OutsideWitness } from '../../protocol/governance/charter.ts'
import { fault, ok, type Result } from '../../protocol/result.ts'
import { HTTP_ANSWER_BYTES_MAX, HTTP_HEADER_BYTES_MAX } from './limits.ts'

export type OutsideReply = { readonly status: number; readonly body: Uint8Array }

export type OutsideFault =
  | 'address-not-secure'
  | 'address-malformed'
  | 'unreachable'
  | 'late'
  | 'redirected'
  | 'answer-too-long'
  | 'answer-content-type'

/** With 409 a witness gives its size as this (C2SP tlog-witness). */
const SIZE_TYPE = 'text/x.tlog.size'

/** Where a witness takes heads, or why it is not asked. HTTP without TLS is for witnesses on this machine alone. */
export function addressOf({ url }: Pick<OutsideWitness, 'url'>): Result<URL, OutsideFault> {
  if (!URL.canParse(url)) return fault('address-malformed')
  const base = new URL(url)
  const { protocol, username, password, search, hash, hostname } = base
  if (username !== '' || password !== '' || search !== '' || hash !== '') return fault('address-malformed')
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname)))
    return fault('address-not-secure')
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/add-checkpoint`
  return ok(base)
}

/** Never throws; `late` when the signal ends it. */
export function askOutside(
  witness: Pick<OutsideWitness, 'url'>,
  body: Uint8Array,
  signal: AbortSignal,
): Promise<Result<OutsideReply, OutsideFault>> {
  const address = addressOf(witness)
  if (!address.ok) return Promise.resolve(address)
  const send = address.value.protocol === 'https:' ? requestSecure : requestPlain
  return new Promise((resolve) => {
    const fail = () => resolve(fault(signal.aborted ? 'late' : 'unreachable'))
    const options = {
      method: 'POST',
      // A connection of its own: one that an earlier answer left half-read would be kept by an agent.
      agent: false as const,
      signal,
      maxHeaderSize: HTTP_HEADER_BYTES_MAX,
      headers: { 'content-length': body.length, 'user-agent': 'candor' },
    }
    const request = send(address.value, options, (response) => {
      readAnswer(response)
        .then(resolve, fail)
        .finally(() => request.destroy())
    })
    request.on('error', fail)
    request.end(body)
  })
}

async function readAnswer(response: IncomingMessage): Promise<Result<OutsideReply, OutsideFault>> {
  const status = response.statusCode ?? 0
  if (status >= 300 && status < 400) return fault('redirected')
  const parts: Buffer[] = []
  let length = 0
  for await (const part of response) {
    if (!Buffer.isBuffer(part)) return fault('unreachable')
    length += part.length
    if (length > HTTP_ANSWER_BYTES_MAX) return fault('answer-too-long')
    parts.push(part)
  }
  if (status === 409 && response.headers['content-type'] !== SIZE_TYPE) return fault('answer-content-type')
  return ok({ status, body: new Uint8Array(Buffer.concat(parts)) })
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'))
}
