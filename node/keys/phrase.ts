/** The recovery phrase: 24 words that bring the root key back. It is shown once and kept nowhere. Spec 02 §2. */
import { hkdfSync } from 'node:crypto'
import { entropyToMnemonic, mnemonicToEntropy, validateMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { DOMAINS } from '../../protocol/identity/domains.ts'
import { NodeError } from '../errors.ts'

/** 256 bits: 24 words of eleven bits, eight of them a checksum. */
export const ENTROPY_BYTES = 32
const WORDS = 24

export function printPhrase(entropy: Uint8Array): string {
  return entropyToMnemonic(entropy, wordlist)
}

/** Reads 24 words, whatever their case and spacing. What is wrong is told by position, never by quoting a word. */
export function parsePhrase(text: string): Uint8Array {
  const words = text.trim().toLowerCase().split(/\s+/)
  if (words.length !== WORDS) {
    throw new NodeError('BAD_INPUT', `a recovery phrase has ${WORDS} words, this one ${words.length}`)
  }
  const unknown = words.findIndex((word) => !wordlist.includes(word))
  if (unknown >= 0) {
    throw new NodeError('BAD_INPUT', `word ${unknown + 1} of the recovery phrase is not in the word list`)
  }
  const phrase = words.join(' ')
  if (!validateMnemonic(phrase, wordlist)) {
    throw new NodeError('BAD_INPUT', 'the recovery phrase has a wrong word, or its words are out of order')
  }
  return mnemonicToEntropy(phrase, wordlist)
}

/** The 32-byte Ed25519 seed of the root key: HKDF-SHA-256 of the phrase's entropy, without salt. */
export function rootSeed(entropy: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', entropy, new Uint8Array(0), DOMAINS.root, ENTROPY_BYTES))
}
