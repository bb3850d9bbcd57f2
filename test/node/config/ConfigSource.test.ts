/**
 * The sources of settings: a file that is wrong stops the start, a variable that is none of ours is named.
 */
import { NodeFileSystem } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import * as Source from "../../../src/node/config/ConfigSource.ts"
import { NodeConfig } from "../../../src/node/NodeConfig.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import { loadNode1 } from "./reading.ts"

/** Reads a configuration file with this content, and its complaints with `x.json` for its path. */
const readFile = Effect.fnUntraced(function*(content: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* fs.makeTempFileScoped({ suffix: ".json" })
  yield* fs.writeFileString(path, content)
  return yield* Source.file(path).pipe(
    Effect.catchTag("WrongSettings", ({ message }) => Effect.fail(message.replaceAll(path, "x.json")))
  )
}, Effect.scoped)

const complaintOf = (content: string) => Effect.flip(readFile(content))

describe("a config file", () => {
  it.effect("holds settings by their keys, peers as a text or as an array", () =>
    Effect.gen(function*() {
      for (const peers of [["a@h:1", "b@[::1]:2"], "a@h:1, b@[::1]:2"]) {
        const { config } = yield* NodeConfig.load([
          yield* readFile(JSON.stringify({ nodeId: "b", peers, httpPort: 80, heartbeatMillis: 10 }))
        ])
        assert.deepStrictEqual([...config.peers], [
          [NodeId.make("a"), { host: "h", port: 1 }],
          [NodeId.make("b"), { host: "::1", port: 2 }]
        ])
        assert.deepStrictEqual([config.httpPort, config.raftPort, config.timings.heartbeatMillis], [80, 2, 10])
      }
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.effect("is named in what is wrong with its values", () =>
    Effect.gen(function*() {
      const source = yield* readFile(`{"nodeId": null, "peers": ["a@h:1", 7], "httpPort": {"a": 1}, "rpcPort": 1.5}`)
      const { complaints } = yield* Effect.flip(NodeConfig.load([{ ...source, place: (key) => `"${key}" in x.json` }]))
      assert.deepStrictEqual(complaints.map((line) => line.split(", but must be ")[0]), [
        `nodeId is null (from "nodeId" in x.json)`,
        `httpPort is {"a":1} (from "httpPort" in x.json)`,
        `rpcPort is 1.5 (from "rpcPort" in x.json)`,
        `peers is ["a@h:1",7] (from "peers" in x.json): "7" is not node@host:port`
      ])
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.effect("with an unknown key stops the start, and the likely key is named", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* complaintOf(`{"httpport": 1, "hartbeatMillis": 2, "colour": 3, "__proto__": 4}`),
        [
          "4 settings are wrong:",
          `  "httpport" in x.json is no setting; did you mean httpPort?`,
          `  "hartbeatMillis" in x.json is no setting; did you mean heartbeatMillis?`,
          `  "colour" in x.json is no setting`,
          `  "__proto__" in x.json is no setting`
        ].join("\n")
      )
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.effect.each(["[]", "7", "null"])(
    "that holds something else than an object stops the start: %s",
    (content) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* complaintOf(content), `the config file x.json holds no JSON object, but ${content}`)
      }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.effect.each(["", "{", `{"a": 1,}`])(
    "that is no JSON stops the start, and where is told: %s",
    (content) =>
      Effect.gen(function*() {
        assert.match(String(yield* complaintOf(content)), /^the config file x\.json is no JSON: SyntaxError: .+/)
      }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.effect("that cannot be read stops the start", () =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(Source.file("/no/such/file.json"))
      assert.match(message, /^the config file \/no\/such\/file\.json cannot be read: ENOENT: no such file/)
    }).pipe(Effect.provide(NodeFileSystem.layer)))
})

describe("the environment", () => {
  it.effect("may hold a variable that looks like a setting; it is named and does no harm", () =>
    Effect.gen(function*() {
      const { config, warnings } = yield* loadNode1({ HOLDFAST_HTTPPORT: "1", HOLDFAST_COLOUR: "red", PATH: "/bin" })
      assert.strictEqual(config.httpPort, 8081)
      assert.deepStrictEqual(warnings, [
        `"HOLDFAST_HTTPPORT" in the environment is no setting; did you mean HOLDFAST_HTTP_PORT?`,
        `"HOLDFAST_COLOUR" in the environment is no setting`
      ])
    }))

  it.effect("may hold what belongs to clients and to the children of `run`", () =>
    Effect.gen(function*() {
      const { warnings } = yield* loadNode1({ HOLDFAST_NODES: "a:1", HOLDFAST_TOKEN: "7", HOLDFAST_LOCK: "x" })
      assert.deepStrictEqual(warnings, [])
    }))
})
