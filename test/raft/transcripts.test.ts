/**
 * Transcripts of the core. Each file in `interaction/` is a list of commands and, indented below each, all
 * that it made the nodes do. `npx vitest run test/raft/transcripts.test.ts -u` writes the files anew from
 * their commands: read the difference before you commit it.
 */
import { describe, expect, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Transcript } from "./support/Transcript.ts"

const directory = join(import.meta.dirname, "interaction")

const replayed = (text: string): string => {
  const transcript = new Transcript()
  return text.split("\n")
    .filter((line) => !line.startsWith(" "))
    .map((line) => line === "" || line.startsWith("#") ? line : `${line}\n${transcript.run(line)}`)
    .join("\n")
}

describe("Transcripts", () => {
  it.each(readdirSync(directory).filter((file) => file.endsWith(".txt")))("%s", async (file) => {
    const path = join(directory, file)
    await expect(replayed(readFileSync(path, "utf8"))).toMatchFileSnapshot(path)
  })
})
