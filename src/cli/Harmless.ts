/**
 * Text of others (a lock's name, a label, what a peer said) as a terminal may be given it: it cannot move the cursor,
 * forge a line, or turn the direction of what stands beside it.
 */

/** Such a character is shown as `\u001b`, and not obeyed. */
export const harmless = (text: string): string => text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, escaped)

const escaped = (character: string): string =>
  character === "\n" ? String.raw`\n` : String.raw`\u` + character.charCodeAt(0).toString(16).padStart(4, "0")
