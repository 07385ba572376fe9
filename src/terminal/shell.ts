/** A word of a POSIX shell: what is quoted comes from others, and must stay a word in a command that somebody copies. */
export const inShell = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/**
 * A command to copy, within a text: a terminal's lines are not broken between the backquotes, lest a word of somebody else's
 * begins one, and is run. What has a backquote of its own stays as it is: that one is quoted, and so no command's name.
 */
export const asCommand = (text: string): string => (text.includes('`') ? text : `\`${text}\``)
