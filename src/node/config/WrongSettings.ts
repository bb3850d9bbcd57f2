/**
 * What is wrong with the settings: all of it at once, each complaint with the setting, where its user
 * wrote it, its value and what is allowed.
 */
import { Schema } from "effect"

export class WrongSettings extends Schema.TaggedError<WrongSettings>()("WrongSettings", {
  complaints: Schema.Array(Schema.String)
}) {
  override get message() {
    return this.complaints.length === 1
      ? `${this.complaints[0]}`
      : `${this.complaints.length} settings are wrong:\n${this.complaints.map((line) => `  ${line}`).join("\n")}`
  }

  static readonly about = (complaint: string): WrongSettings => new WrongSettings({ complaints: [complaint] })
}

/** A value as a complaint shows it, cut where it gets long. */
export const shown = (value: unknown): string => {
  const json = JSON.stringify(value)
  return json.length <= shownLengthMax ? json : `${json.slice(0, shownLengthMax)}…`
}

const shownLengthMax = 120

export const unknownSetting = (name: string, place: string, known: ReadonlyArray<string>): string => {
  const nearest = known.find((key) => distance(key, name) <= 2 || bare(key) === bare(name))
  return `${shown(name)} in ${place} is no setting${nearest === undefined ? "" : `; did you mean ${nearest}?`}`
}

const bare = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "")

/** How many letters to add, drop or change to make one word of the other (Levenshtein). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (letter === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
