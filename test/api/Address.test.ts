/**
 * Addresses as people write them, and as they are refused.
 */
import { assert, describe, it } from "@effect/vitest"
import { Option } from "effect"
import { formatAddress, parseAddress } from "../../src/api/Address.ts"

describe("An address", () => {
  it.each([
    ["127.0.0.1:7081", "127.0.0.1", 7081],
    ["localhost:1", "localhost", 1],
    ["node-1.example_net.com:65535", "node-1.example_net.com", 65_535],
    ["[::1]:7081", "::1", 7081],
    ["[fe80::1:2]:80", "fe80::1:2", 80]
  ])("is read and written: %s", (text, host, port) => {
    assert.deepStrictEqual(parseAddress(text), Option.some({ host, port }))
    assert.strictEqual(formatAddress({ host, port }), text)
  })

  it.each(["", "a", ":1", "a:", "a:0", "a:65536", "a:1e3", "a:-1", "::1:80", "[a]:80", "a b:1", "http://a:1", "a:1/"])(
    "is refused: %s",
    (text) => {
      assert.deepStrictEqual(parseAddress(text), Option.none())
    }
  )
})
