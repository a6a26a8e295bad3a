/** What `candor --version` prints, and reports name. */
export const VERSION = 'candor 0.1.0'
