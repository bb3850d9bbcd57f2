/**
 * Text of others (a lock's name, a label, what a peer said) as a terminal may be given it: it cannot move the cursor,
 * forge a line, or turn the direction of what stands beside it.
 */

/** Such a character is shown as `\u001b`, and not obeyed. */
export const harmless = (text: string): string => text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, escaped)

/** JSON of one line or several, which means the same: what JSON leaves as it is may be a command to a terminal. */
export const harmlessJson = (value: object, indent = 0): string =>
  JSON.stringify(value, null, indent).split("\n").map(harmless).join("\n")

const escaped = (character: string): string =>
  character === "\n" ? String.raw`\n` : String.raw`\u` + character.charCodeAt(0).toString(16).padStart(4, "0")
