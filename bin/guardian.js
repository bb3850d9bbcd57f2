/**
 * The guardian of `holdfast run`: a small process that starts the command in a session and process group of its own,
 * and kills all of it at the deadline or when the command line that started it is gone. It goes by its own clock, and
 * what is sent to the command line's group does not reach it. It writes to nothing but the pipe.
 *
 * It is JavaScript, because Node strips no types inside `node_modules`, and to strip them would double its memory.
 *
 * On file descriptor 3 come lines of JSON: `{"deadline": {monotonicMs, uptimeMs, graceMs}}` first and with every
 * renewal, `{"start": {command, args, env}}` once, `{"signal": NAME}`, `{"kill": true}`. It answers with
 * `{"ready": true}`, `{"started": PID}`, and at the end `{"ended": {code, signal, cause}}` or `{"cannot": ERRNO}`.
 */
import { spawn } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { Socket } from "node:net"
import { uptime } from "node:os"

/** How long a look at the clocks may be put off: a timer stands still while the machine sleeps. */
const lookMillisMax = 250

/** How long the rest of the group has to end by itself, once the command has, and then how long after SIGTERM. */
const restMillis = 1000

/** A process that SIGKILL has reached ends, unless it hangs in the kernel; then nobody can do more. */
const killMillisMax = 5000

/** @typedef {{ monotonicMs: number, uptimeMs: number, graceMs: number }} Deadline */
/** @typedef {{ command: string, args: string[], env: Record<string, string> }} Start */

const cli = new Socket({ fd: 3 })

/** @type {Deadline | null} */
let deadline = null
/** The command's pid, and so the id of its group and of its session. */
let group = 0
/** @type {{ code: number | null, signal: string | null } | null} */
let commandEnd = null
/** Why it is killed or told to end before its time. @type {"deadline" | "end-of-file" | "told" | null} */
let cause = null
let isWarned = false
let isKilling = false
/** The end has been told. */
let isOver = false
/** @type {NodeJS.Timeout | undefined} */
let nextLook

const monotonicMillis = () => Number(process.hrtime.bigint()) / 1e6

/** By the clock that has gone further: one of them stands still while the machine sleeps. */
const millisLeft = () =>
  deadline === null
    ? 0
    : Math.min(deadline.monotonicMs - monotonicMillis(), deadline.uptimeMs - uptime() * 1000)

const look = () => {
  clearTimeout(nextLook)
  if (group === 0 || isKilling) return
  const left = millisLeft()
  const grace = deadline === null ? 0 : deadline.graceMs
  if (left <= 0) return kill("deadline")
  if (left > grace && isWarned) forgetWarning()
  if (left <= grace && !isWarned) warn()
  nextLook = setTimeout(look, Math.min(lookMillisMax, left > grace ? left - grace : left))
}

/** The renewals do not come: the command may still clean up, until the deadline. */
const warn = () => {
  isWarned = true
  if (commandEnd === null) cause = "deadline"
  send("SIGTERM")
}

/** They come again, and the command goes on: what it ends with from now on is its own, and it may be warned anew. */
const forgetWarning = () => {
  isWarned = false
  if (commandEnd === null) cause = null
}

const kill = (/** @type {typeof cause} */ why) => {
  if (isKilling) return
  isKilling = true
  cause ??= why
  clearTimeout(nextLook)
  const givenUpAt = monotonicMillis() + killMillisMax
  const again = () => {
    const isGone = send("SIGKILL") === 0 && commandEnd !== null
    if (isGone || monotonicMillis() > givenUpAt) return report()
    setTimeout(again, 10)
  }
  again()
}

/** The command has ended. What it has left in its group may be about to end too, like the end of a pipeline. */
const drain = () => {
  const endedAt = monotonicMillis()
  let isTold = false
  const again = () => {
    if (isKilling) return
    const since = monotonicMillis() - endedAt
    if (members().length === 0) return report()
    if (since > 2 * restMillis) return kill(null)
    if (since > restMillis && !isTold) {
      isTold = true
      send("SIGTERM")
    }
    setTimeout(again, 20)
  }
  again()
}

/**
 * Sends a signal to every process of the group and of the session, and returns how many are alive after that. A
 * stopped one is woken, or it would take no notice. The group comes first: to find those who have changed theirs, one
 * by one and where there is a /proc, takes long among many processes, and the deadline does not wait.
 */
const send = (/** @type {NodeJS.Signals} */ signal) => {
  const signals = isFinal(signal) ? [signal, /** @type {const} */ ("SIGCONT")] : [signal]
  for (const each of signals) trySend(-group, each)
  const targets = members()
  for (const each of signals) {
    for (const { pid, pgid } of targets) if (pgid !== group) trySend(pid, each)
  }
  return targets.length
}

const isFinal = (/** @type {string} */ signal) => signal === "SIGTERM" || signal === "SIGHUP"

const trySend = (/** @type {number} */ pid, /** @type {NodeJS.Signals | 0} */ signal) => {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

/** Who is alive in the group or the session. A process that has ended and that nobody has asked about is not. */
const members = () => {
  const pids = processes()
  if (pids === null) return trySend(-group, 0) ? [{ pid: group, pgid: group }] : []
  return pids.flatMap((pid) => {
    const [state = "Z", , pgid = "", session = ""] = statOf(pid)
    const isOurs = Number(pgid) === group || Number(session) === group
    return isOurs && !/[ZXx]/.test(state) ? [{ pid, pgid: Number(pgid) }] : []
  })
}

const processes = () => {
  try {
    return readdirSync("/proc").map(Number).filter((pid) => pid > 0)
  } catch {
    return null
  }
}

/** State, parent, group, session. The name before them may hold anything. */
const statOf = (/** @type {number} */ pid) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ", 4)
  } catch {
    return []
  }
}

const tell = (/** @type {object} */ news) => cli.write(`${JSON.stringify(news)}\n`)

const report = () => end({ ended: { ...commandEnd ?? { code: null, signal: "SIGKILL" }, cause } })

/**
 * It stays until the command line has closed its end or is gone: one that writes to who is gone loses what it has not
 * yet read, and with it how the command ended.
 */
const end = (/** @type {object} */ news) => {
  if (!cli.writable) process.exit(0)
  isOver = true
  cli.end(`${JSON.stringify(news)}\n`)
}

const cannot = (/** @type {unknown} */ error) =>
  end({ cannot: error instanceof Error && "code" in error ? error.code : "EACCES" })

/** Some of what the kernel says no to is thrown, and some comes as an event. */
const trySpawn = (/** @type {string} */ command, /** @type {string[]} */ args, /** @type {Start["env"]} */ env) => {
  try {
    return spawn(command, args, { detached: true, env, stdio: "inherit" })
  } catch (error) {
    cannot(error)
    return null
  }
}

const start = (/** @type {Start} */ { args, command, env }) => {
  if (group !== 0) return
  if (millisLeft() <= 0) return end({ ended: { code: null, signal: null, cause: "deadline" } })
  const child = trySpawn(command, args, env)
  if (child === null) return
  child.on("error", (error) => {
    if (child.pid === undefined) cannot(error)
  })
  child.on("exit", (code, signal) => {
    commandEnd = { code, signal }
    if (!isKilling) drain()
  })
  if (child.pid === undefined) return
  group = child.pid
  tell({ started: group })
  look()
}

const obey = (/** @type {any} */ { deadline: later, kill: isKill, signal, start: command }) => {
  if (isOver) return
  if (later !== undefined) {
    deadline = later
    look()
  }
  if (command !== undefined) start(command)
  if (signal !== undefined && group !== 0) send(signal)
  if (isKill === true) goAway("told")
}

const goAway = (/** @type {NonNullable<typeof cause>} */ why) => isOver || group === 0 ? process.exit(0) : kill(why)

let unread = ""
cli.setEncoding("utf8")
cli.on("data", (/** @type {string} */ text) => {
  const lines = (unread + text).split("\n")
  unread = lines.pop() ?? ""
  for (const line of lines) obey(JSON.parse(line))
})
cli.on("error", () => goAway("end-of-file"))
cli.on("close", () => goAway("end-of-file"))

// A service manager that stops a service sends this to everybody in it. The command line passes it on.
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"])) {
  process.on(signal, () => {})
}

// With a bug in here, nobody would keep the deadline.
process.on("uncaughtException", () => goAway("told"))

tell({ ready: true })
