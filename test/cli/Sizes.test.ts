/**
 * Lengths of files as people read them.
 */
import { assert, describe, it } from "@effect/vitest"
import { size } from "../../src/cli/Sizes.ts"

describe("a length", () => {
  it.each([
    [0, "0 B"],
    [1, "1 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [1_300_000, "1.2 MiB"],
    [5 * 2 ** 40, "5.0 TiB"],
    [3 * 2 ** 50, "3072.0 TiB"]
  ])("of %d bytes is %s", (bytes, text) => {
    assert.strictEqual(size(bytes), text)
  })
})
