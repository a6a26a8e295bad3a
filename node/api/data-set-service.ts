/** Files of data sets as the local API takes and hands them out. */
import type { Readable } from 'node:stream'

export type FileView = {
  readonly path: string
  readonly bytes: number
  readonly digest?: string
  readonly root?: string
  /** Ours, granted to us, or made for one reader. */
  readonly kind: string
  readonly state: 'whole' | 'partial'
}

export type FetchedFileView = {
  readonly path: string
  readonly bytes: number
  /** `described`: named only. `false`: what came is not the file that was committed to. */
  readonly state: 'whole' | 'partial' | 'described' | 'false'
  readonly why?: string
  /** It is the committed file with rows that were made for this grant. */
  readonly marked?: true
}

/** Rows that were made for one request and stand in a file. */
export type TraceView = {
  readonly request: string
  readonly path: string
  readonly found: number
  readonly rows: number
}

export type DataSetService = {
  /** Reads a file in, encrypted, and names it in the research part of a draft. */
  readonly addFile: (
    draft: string,
    file: { readonly path: string; readonly bytes: number },
    body: AsyncIterable<Uint8Array>,
  ) => Promise<FileView>
  /** The same with the audit trail of this node as it is now: for a mandated auditor, who asks for it like for any part. */
  readonly addTrail: (draft: string) => Promise<FileView>
  readonly files: () => Promise<readonly FileView[]>
  /** Fetches the files that a received part names, or goes on with them. */
  readonly fetchFiles: (request: string) => Promise<readonly FetchedFileView[]>
  /** Whose copies the rows in a file are of. */
  readonly traceFile: (body: AsyncIterable<Uint8Array>) => Promise<readonly TraceView[]>
  /** The bytes of a whole file, in the clear. */
  readonly exportFile: (request: string, path: string) => Promise<Readable>
}
