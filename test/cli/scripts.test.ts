/**
 * The commands that take and give back locks for scripts, and those that look at locks, against a real node: what they
 * print for people and for scripts, and the exit code of each way in which they can fail.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import * as RealNode from "./support/RealNode.ts"
import { holdfast } from "./support/running.ts"

layer(RealNode.layer, { excludeTestServices: true, timeout: 60_000 })("A script", (it) => {
  const call = (...args: ReadonlyArray<string>) =>
    Effect.flatMap(RealNode.RealNode, ({ rpc }) => holdfast(...args, `--nodes=${rpc}`))
  const json = (...args: ReadonlyArray<string>) =>
    Effect.map(call(...args, "--json"), ({ code, stderr, stdout }) => {
      assert.strictEqual(code, 0, stderr)
      return JSON.parse(stdout)
    })
  const codeOf = (...args: ReadonlyArray<string>) => Effect.map(call(...args), ({ code }) => code)

  it.effect("takes a lock, checks and keeps it, and gives it back", () =>
    Effect.gen(function*() {
      const grant = yield* json("acquire", "kept", "--ttl=1m", "--label=me")
      assert.deepInclude(grant, { name: "kept", mode: "exclusive", owner: "", ttlMs: 60_000 })
      const { session, token } = grant
      assert.deepStrictEqual(yield* json("check", "kept", `${token}`), { valid: true })
      assert.deepInclude(yield* json("renew", `--session=${session}`), { ttlMs: 60_000 })
      const release = ["release", "kept", `--session=${session}`, `--token=${token}`]
      assert.deepStrictEqual(yield* json(...release), { released: true })
      const { code, stdout } = yield* call("check", "kept", `${token}`)
      assert.deepStrictEqual([code, stdout], [74, `Token ${token} is not of a present holder of "kept".`])
    }))

  it.effect("gets the variables for what it has taken in a form that any shell reads", () =>
    Effect.gen(function*() {
      const name = `it's "a" $HOME \`x\``
      const { stdout } = yield* call("acquire", name, "--ttl=1m", "--shell")
      const echo = `${stdout}\nprintf '%s|%s|%s' "$HOLDFAST_LOCK" "$HOLDFAST_TOKEN" "$HOLDFAST_SESSION"`
      const [lock, token, session] = execFileSync("/bin/sh", ["-c", echo], { encoding: "utf8" }).split("|")
      assert.strictEqual(lock, name)
      assert.strictEqual(yield* codeOf("release", name, `--session=${session}`, `--token=${token}`), 0)
    }))

  it.effect("is told when it names no session, or asks of one what that has already", () =>
    Effect.gen(function*() {
      for (
        const [what, ...command] of [
          ["session", "release", "kept", "--token=1"],
          ["session", "release", "kept"],
          ["token", "release", "kept", "--session=mine"],
          ["session", "renew"]
        ]
      ) {
        const { code, stderr } = yield* call(...command)
        const variable = `HOLDFAST_${what?.toUpperCase()}`
        const said =
          `which ${what}? Give it with --${what}, or in the variable ${variable} as \`holdfast acquire --shell\``
        assert.deepStrictEqual([code, stderr], [64, `${said} sets it`])
      }
      const { session } = yield* json("acquire", "mine", "--ttl=1m")
      const { code, stderr } = yield* call("acquire", "other", `--session=${session}`, "--ttl=10m", "--label=me")
      assert.strictEqual(code, 64)
      assert.match(stderr, /^--ttl and --label would do nothing/)
      assert.deepInclude(yield* json("acquire", "other", `--session=${session}`), { ttlMs: 60_000 })
    }))

  it.effect("is told by the exit code why it has no lock", () =>
    Effect.gen(function*() {
      const { session, token } = yield* json("acquire", "taken", "--ttl=1m", "--label=the other")
      const now = yield* call("acquire", "taken", "--wait=0")
      assert.deepStrictEqual([now.code, now.stderr], [75, `"taken" is held by the other (token ${token})`])
      assert.strictEqual(yield* codeOf("acquire", "taken", "--wait=100ms"), 75)
      assert.strictEqual(yield* codeOf("acquire", "taken", "--wait=0", "--session=unknown"), 74)
      assert.strictEqual(yield* codeOf("acquire", "taken", "--shared", `--session=${session}`), 1)
      assert.strictEqual(yield* codeOf("release", "taken", `--session=${session}`, `--token=${token + 1}`), 74)
      assert.strictEqual(yield* codeOf("renew", "--session=unknown"), 74)
      for (
        const wrong of [["acquire", ""], ["acquire", "a", "--ttl=1ms"], ["acquire", "a", "--ttl=15"], [
          "check",
          "a",
          "x"
        ]]
      ) {
        assert.strictEqual(yield* codeOf(...wrong), 64, wrong.join(" "))
      }
      const span = "--ttl must be a length of time from 1s to 1d, such as 15s"
      assert.strictEqual((yield* call("acquire", "a", "--ttl=10ms")).stderr, span)
      const { rpc } = yield* RealNode.RealNode
      const sayOf = (ttl: string) =>
        Effect.map(holdfast("run", `--nodes=${rpc}`, "a", `--ttl=${ttl}`, "--", "true"), ({ stderr }) => stderr)
      assert.strictEqual(yield* sayOf("2d"), span)
      assert.strictEqual(yield* sayOf("0"), "--ttl must be a length of time above 0, such as 15s")
      // The sessions that were made in vain are ended.
      const { locks } = yield* json("locks", "taken")
      assert.deepInclude(locks[0], { name: "taken", queueLength: 0 })
    }))

  it.effect("sees which locks there are, page after page, and people see a table", () =>
    Effect.gen(function*() {
      for (const name of ["list/a", "list/b", "list/c"]) yield* json("acquire", name, "--ttl=1m", "--label=lister")
      const namesOf = ({ locks }: { readonly locks: ReadonlyArray<{ readonly name: string }> }) =>
        locks.map(({ name }) => name)
      const all = yield* json("locks", "list/")
      assert.deepStrictEqual([namesOf(all), all.more], [["list/a", "list/b", "list/c"], false])
      const some = yield* json("locks", "list/", "--limit=2")
      assert.deepStrictEqual([namesOf(some), some.more], [["list/a", "list/b"], true])
      const { stdout } = yield* call("locks", "list/")
      const [header = "", first = ""] = stdout.split("\n")
      assert.match(header, /^lock +mode +holder +token +held +expires in +waiting$/)
      assert.match(first, /^list\/a +exclusive +lister +\d+ +\S+ +\d+s +0$/)
      assert.include((yield* call("locks", "none/")).stdout, "No lock that begins with none/")
    }))

  it.effect("sees what others have written, and its terminal does not obey it", () =>
    Effect.gen(function*() {
      const name = "odd\u001b[2J\nforged"
      yield* json("acquire", name, "--ttl=1m", "--label=\u009b2Jann\rx", "--owner=\u202ey")
      const shown = String.raw`odd\u001b[2J\nforged`
      const who = String.raw`\u009b2Jann\u000dx/\u202ey`
      for (const args of [["locks", "odd"], ["explain", name], ["history", name]]) {
        const { stdout } = yield* call(...args)
        assert.include(stdout, args[0] === "history" ? who : shown)
        assert.notMatch(stdout, /^forged|[\r\u009b\u202e]/m)
      }
      assert.include((yield* call("explain", name)).stdout, who)
      const script = yield* call("locks", "odd", "--json")
      assert.notMatch(script.stdout, /[\u007f-\u009f\u202e]/)
      const { holders: [holder], name: told } = JSON.parse(script.stdout).locks[0]
      assert.deepInclude({ ...holder, told }, { label: "\u009b2Jann\rx", owner: "\u202ey", told: name })
      const { rpc } = yield* RealNode.RealNode
      const ran = yield* holdfast("run", `--nodes=${rpc}`, name, "--wait=0", "--", "true")
      assert.strictEqual(ran.code, 75)
      assert.include(ran.stderr, String.raw`is held by \u009b2Jann\u000dx (token`)
    }))

  it.effect("sees who waits for a lock and who holds it", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* call("explain", "unused")).stdout, "unused: free")
      yield* json("acquire", "wanted", "--ttl=1m", "--label=holder")
      const waits = yield* Effect.forkChild(call("acquire", "wanted", "--ttl=1m", "--label=waiter"))
      let explained = yield* json("explain", "wanted")
      while (explained.queueLength === 0) explained = yield* json("explain", "wanted")
      assert.deepInclude(explained.queue[0], { position: 1, label: "waiter" })
      const { stdout } = yield* call("explain", "wanted")
      assert.match(stdout, /^wanted: held, exclusive; 1 wait$/m)
      assert.match(stdout, /^holder +exclusive/m)
      assert.match(stdout, /^waiting +place +mode +waited +waits at least +may take$/m)
      assert.match(stdout, /^waiter +1 +exclusive/m)
      waits.interruptUnsafe()
    }))
})
