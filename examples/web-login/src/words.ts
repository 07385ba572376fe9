/** What refusals are in words that everybody understands. */
import type { Refusal, Refuser } from './refusal.ts'

type Words = { readonly title: string; readonly text: string }

export const refusers: Readonly<Record<Refuser, string>> = {
  app: 'this app',
  provider: 'the sign-in provider',
  broker: "Lanyard's broker",
  S3: 'the storage itself (S3)',
}

const expired: Words = {
  title: 'Your sign-in has expired',
  text: 'Proof of who you are is good for a limited time only, and this one is past it. Sign in again to go on.',
}
const foreign: Words = {
  title: 'This sign-in was made for another app',
  text: 'You did sign in, but for a different app, and its proof is not good for this one. Sign in again from here.',
}
const forged: Words = {
  title: 'This sign-in is not genuine',
  text: 'It claims to come from the sign-in provider, but nothing of that provider proves it. You were not signed in. If it happens again, tell the people who run this app.',
}
const invalid: Words = {
  title: 'This sign-in could not be checked',
  text: 'What the sign-in provider gave does not fit what was asked of it, so you were not signed in. Try again from here.',
}
const busy: Words = {
  title: 'Too many requests at once',
  text: 'Your files are safe; the app just has to catch its breath.',
}
const away: Words = {
  title: 'Something that this app needs does not answer',
  text: 'That is not your fault. Your files are safe. Try again in a minute.',
}
const form: Words = {
  title: 'That form could not be read',
  text: 'It was incomplete, or it came from an older page. Go back, and try again.',
}
const otherwise: Words = {
  title: 'That was refused',
  text: 'The code below tells the people who run this app why.',
}

const words: Readonly<Record<string, Words>> = {
  TokenExpired: expired,
  TokenForAnotherApp: foreign,
  LoginInvalid: invalid,
  UserTokenExpired: expired,
  UserTokenTooOld: expired,
  UserTokenAudience: foreign,
  UserTokenForged: forged,
  UserTokenMalformed: forged,
  UserTokenIssuer: forged,
  UserTokenAlgorithm: forged,
  UserTokenKeyUnknown: forged,
  UserTokenKeyForeign: forged,
  UserTokenClaims: invalid,
  UserTokenNotYetValid: invalid,
  UserNonceMissing: invalid,
  UserNonceWrong: invalid,
  LoginCancelled: { title: 'You did not sign in', text: 'The sign-in was cancelled. You can start again at any time.' },
  LoginRefused: {
    title: 'The sign-in provider refused',
    text: 'It did not confirm who you are, so you were not signed in. Try again from here.',
  },
  LoginNotStarted: {
    title: 'This sign-in did not start here',
    text: 'It was started in another browser, it is older than ten minutes, or it was used already. Start again from here.',
  },
  ProviderUnreachable: away,
  BrokerUnreachable: away,
  BrokerAnswerInvalid: away,
  StorageUnreachable: away,
  NotSignedIn: {
    title: 'You are not signed in any more',
    text: 'Nothing was stored. Sign in again, then add the file once more.',
  },
  FormInvalid: form,
  FormForeign: form,
  NoFileChosen: { title: 'No file was chosen', text: 'Choose a file first, then add it.' },
  FileNameInvalid: {
    title: 'That name does not work',
    text: 'Rename the file to something plain and shorter, and add it again.',
  },
  FileTooLarge: { title: 'That file is too large', text: 'Nothing was stored. Choose a smaller one.' },
  PageNotFound: { title: 'There is no such page', text: 'The address may be mistyped.' },
  AccessDenied: {
    title: 'That is not yours to open',
    text: 'The storage refused: your credentials open your own files only, whatever address is typed.',
  },
  NoSuchKey: { title: 'There is no such file', text: 'It may have been removed.' },
}

/** By status, for what has no words of its own: the broker may learn new codes. */
const byStatus: Readonly<Record<number, Words>> = { 429: busy, 502: away, 503: away }

export const wordsOf = ({ code, status }: Refusal): Words =>
  (Object.hasOwn(words, code) ? words[code] : byStatus[status]) ?? otherwise
