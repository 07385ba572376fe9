/** The version of this build; a test holds it to package.json. */
export const VERSION = '0.1.0'

/** The oldest Node.js that it runs on; a test holds it to package.json, and to what each dependency needs. */
export const OLDEST_NODE = '22.19'
