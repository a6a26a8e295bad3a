/** Multiaddresses that an operator types: what the node listens on, and what others are told to dial. */
import { multiaddr, type Component } from '@multiformats/multiaddr'
import { isAddress } from '../protocol/identity/member.ts'

/** What is wrong with an address to listen on, or undefined. */
export function listenFault(text: string): string | undefined {
  const [host, port, ...rest] = componentsOf(text)
  if (host === undefined || port?.name !== 'tcp' || rest.length > 0) return NOT_TCP
  return IP.has(host.name) ? undefined : 'names no IP address of this machine, such as /ip4/0.0.0.0/tcp/4901'
}

/** What is wrong with an address that other members shall dial, or undefined. */
export function announceFault(text: string): string | undefined {
  const [host, port, ...rest] = componentsOf(text)
  if (host === undefined || port?.name !== 'tcp' || rest.length > 0) return NOT_TCP
  if (!IP.has(host.name) && !DNS.has(host.name)) return NOT_TCP
  if (isUnspecified(host)) return 'stands for any address; others need the one they can reach'
  return port.value === '0' ? 'has port 0; others need the one that is listened on' : undefined
}

/** What the descriptor tells others: what is announced or, where nothing is, what is listened on and can be dialled. */
export function dialled(listen: readonly string[], announce: readonly string[]): readonly string[] {
  return announce.length > 0 ? announce : listen.filter((address) => announceFault(address) === undefined)
}

const IP = new Set(['ip4', 'ip6'])
const DNS = new Set(['dns', 'dns4', 'dns6'])
const NOT_TCP = 'is not an address such as /ip4/192.0.2.7/tcp/4901 or /dns4/node.northgrid.example/tcp/4901'

function componentsOf(text: string): readonly Component[] {
  if (!isAddress(text)) return []
  try {
    return multiaddr(text).getComponents()
  } catch {
    return []
  }
}

function isUnspecified({ name, value }: Component): boolean {
  return name === 'ip4' ? value === '0.0.0.0' : name === 'ip6' && /^[0:]+$/.test(value ?? '')
}
