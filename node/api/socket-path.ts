/**
 * Sockets under long paths. The kernel takes about a hundred bytes; Linux also takes the short name of an open
 * directory under /proc.
 */
import { closeSync, constants, openSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { NodeError } from '../errors.ts'

/** Bytes of a socket's path, the terminating zero included: 108 on Linux, 104 on macOS. */
const PATH_BYTES_MAX = 104

export type SocketPath = { readonly path: string; readonly close: () => void }

/** A path that the kernel takes for this socket, until it is closed. */
export function openSocketPath(socket: string): SocketPath {
  if (Buffer.byteLength(socket) < PATH_BYTES_MAX) return { path: socket, close: () => undefined }
  if (process.platform !== 'linux') {
    throw new NodeError('CONFIGURATION', `the path ${socket} is too long for a socket`, {
      fix: 'candor --home DIR …, with a home of at most 80 characters',
    })
  }
  const directory = openDirectory(dirname(socket))
  return { path: `/proc/self/fd/${directory}/${basename(socket)}`, close: () => closeSync(directory) }
}

function openDirectory(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)
  } catch (error) {
    throw new NodeError('NODE_UNREACHABLE', `there is no home at ${path}`, {
      cause: error,
      fix: 'candor init',
    })
  }
}
