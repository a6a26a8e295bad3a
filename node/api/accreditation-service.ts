/** Accreditations as the local API shows and takes them. */

/** What a researcher hands to an accreditor; keys and proof in base64. */
export type Application = {
  readonly v: 1
  readonly network: string
  /** The organisation that answers for the researcher; never a person's name. */
  readonly body: string
  readonly statementKey: string
  readonly boxKey: string
  readonly possession: string
}

export type AccreditationOptions = {
  readonly tiers: readonly string[]
  readonly purposes: readonly string[]
  /** All when absent. */
  readonly sectors?: readonly string[] | undefined
  readonly days: number
}

export type AccreditationView = {
  /** Leaf hash of its statement, in hexadecimal. */
  readonly id: string
  readonly state: string
  readonly body: string
  readonly author: string
  readonly endorsedBy: readonly string[]
  /** Accreditors that have to stand behind it. */
  readonly needed: number
  readonly tiers: readonly string[]
  readonly purposes: readonly string[]
  readonly sectors: readonly string[] | null
  readonly notBefore: string
  readonly notAfter: string
  /** The researcher's statement key, base64. */
  readonly statementKey: string
  /** Whether it is for the statement key of this home. */
  readonly own: boolean
}

/** `token` says which operator asks; over the socket it comes with the connection. */
export type AccreditationService = {
  readonly application: (body: string) => Promise<Application>
  readonly accreditations: () => Promise<readonly AccreditationView[]>
  readonly accredit: (
    application: Application,
    options: AccreditationOptions,
    token?: string,
  ) => Promise<AccreditationView>
  readonly endorse: (id: string, token?: string) => Promise<AccreditationView>
  readonly revokeAccreditation: (id: string, reason: string, token?: string) => Promise<AccreditationView>
  readonly suspendAccreditation: (
    id: string,
    reason: string,
    days: number,
    token?: string,
  ) => Promise<AccreditationView>
}
