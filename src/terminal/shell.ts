/** A word of a POSIX shell: what is quoted comes from others, and must stay a word in a command that somebody copies. */
export const inShell = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
