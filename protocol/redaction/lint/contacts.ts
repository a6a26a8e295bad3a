/** How people are reached: addresses of mail, telephone numbers. */
import { digitsOf, matching, type LintRule } from './rule.ts'

/** Documentation's own names (RFC 2606) say nothing about anybody. */
const RESERVED = /@(?:[a-z0-9-]+\.)*(?:example|invalid|test|localhost)$|@example\.(?:com|net|org)$/iu

const email: LintRule = {
  id: 'email',
  severity: 'block',
  find: matching(
    /(?<![\w.+-])[\p{L}\p{N}_][\p{L}\p{N}_.+-]{0,63}@[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62}\.){1,6}[\p{L}]{2,24}(?![\p{L}\p{N}])/gu,
    (found) => !RESERVED.test(found),
  ),
}

/** `name (at) firm dot com`, in the languages of the coalition. */
const spelled: LintRule = {
  id: 'email-spelled',
  severity: 'block',
  find: matching(
    /(?<![\p{L}\p{N}])[\p{L}\p{N}_.+-]{1,64} ?(?:[([{<] ?(?:at|ät|arobase|arroba|małpa|malpa) ?[)\]}>]| (?:at|arobase|arroba|małpa) ) ?[\p{L}\p{N}-]{1,63}(?: ?(?:[([{<] ?(?:dot|punkt|point|punto|kropka) ?[)\]}>]| (?:dot|punkt|point|punto|kropka) |\.) ?[\p{L}\p{N}-]{2,63}){1,4}/giu,
    (found) => /[([{<]|dot|punkt|point|punto|kropka/iu.test(found),
  ),
}

/** Words that announce a number to call, before it. */
const CALL =
  /(?:tel|phone|telefon|téléphone|teléfono|mobile|mobil|handy|móvil|portable|komórk\p{L}*|fax|call|dial|ruf\p{L}*|anruf\p{L}*|appel\p{L}*|llam\p{L}*|zadzwo\p{L}*|numer\p{L}*|nummer|numéro|número|nr)\.?\s?:?\s*(?:\p{L}{1,12}\s+){0,3}$/iu

/** How far before a number such a word may stand. */
const LOOK_BACK = 40

const phone: LintRule = {
  id: 'phone',
  severity: 'block',
  find: matching(
    /(?<![\p{L}\p{N}.,:/_-])(?:\+|00)?\(?\d{1,4}\)?(?:[ ./-]?\(?\d{1,4}\)?){2,6}(?![\p{L}\p{N}_]|[.,:/-]\d)/gu,
    (found, at, text) => {
      const count = digitsOf(found).length
      if (count < 7 || count > 15) return false
      // An international number is one by its form; a national one only where it is announced, or dates and versions would be.
      if (/^(?:\+|00)/u.test(found)) return count >= 9
      return CALL.test(text.slice(Math.max(0, at - LOOK_BACK), at))
    },
  ),
}

export const CONTACTS: readonly LintRule[] = [email, spelled, phone]
