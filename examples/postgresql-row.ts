/**
 * A row of PostgreSQL, protected by a lock. Two tellers pay into one account: each takes the lock, reads the balance,
 * and writes the sum. One of them is held up for longer than its lease lasts, so the other gets the lock meanwhile.
 *
 * Without a fence the one that was held up writes over what the other has paid in. With the fence PostgreSQL refuses
 * it, and it begins anew. Needs `psql` with a database to try it in (PGHOST, PGUSER, … say which), and a node
 * (HOLDFAST_HTTP).
 */
import { postgresqlFence, postgresqlStaleToken } from "holdfast/fencing"
import { spawnSync } from "node:child_process"

const node = process.env["HOLDFAST_HTTP"] ?? "http://127.0.0.1:8081"

interface Lock {
  readonly session: string
  readonly token: number
}

const post = (operation: string, body: object): Promise<Response> =>
  fetch(`${node}/v1/locks/account-1/${operation}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body)
  })

/** With the shortest lease there is, and without renewals, so that nobody has to wait long for this to go wrong. */
const acquire = async (label: string): Promise<Lock> => {
  const response = await post("acquire", { label, ttlMs: 1000, waitMs: 60_000 })
  if (!response.ok) throw new Error(await response.text())
  return await response.json() as Lock
}

/** One that is lost is refused, which changes nothing. */
const release = (lock: Lock) => post("release", lock)

const sql = (statements: string): string => {
  const { status, stderr, stdout } = spawnSync("psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose"], {
    input: statements,
    encoding: "utf8"
  })
  if (status !== 0) throw new Error(stderr)
  return stdout.trim()
}

const readBalance = () => Number(sql("SELECT balance FROM account WHERE id = 1;"))

type Write = (balance: number, token: number) => void

const writePlainly: Write = (balance) => void sql(`UPDATE account SET balance = ${balance} WHERE id = 1;`)

/** The fence and the change are one transaction: both happen, or neither. */
const writeFenced: Write = (balance, token) =>
  void sql(`BEGIN; SELECT holdfast_fence('account-1', ${token});
            UPDATE account SET balance = ${balance} WHERE id = 1; COMMIT;`)

/** Pays in 10; between reading and writing, something else happens. */
const payIn = async (teller: string, meanwhile: () => Promise<void>, write: Write): Promise<void> => {
  const lock = await acquire(teller)
  const balance = readBalance()
  console.log(`  ${teller} has the lock, with token ${lock.token}, and reads ${balance}`)
  await meanwhile()
  try {
    write(balance + 10, lock.token)
    console.log(`  ${teller} writes ${balance + 10}`)
  } catch (error) {
    if (!String(error).includes(postgresqlStaleToken)) throw error
    console.log(`  ${teller} is refused, because its token is out of date, and begins anew`)
    return payIn(teller, nothing, write)
  }
  await release({ session: lock.session, token: lock.token })
}

const nothing = () => Promise.resolve()

/** Ann is held up for as long as it takes until her lease is over and Ben has come and gone. */
const twoTellers = async (write: Write) => {
  sql("UPDATE account SET balance = 100 WHERE id = 1;")
  await payIn("Ann", () => payIn("Ben", nothing, write), write)
  console.log(`  two payments of 10 into 100 make ${readBalance()}`)
}

sql(`SET client_min_messages = error; ${postgresqlFence}
     CREATE TABLE IF NOT EXISTS account (id int PRIMARY KEY, balance int NOT NULL);
     INSERT INTO account VALUES (1, 100) ON CONFLICT DO NOTHING;`)
console.log("without the fence")
await twoTellers(writePlainly)
console.log("with the fence")
await twoTellers(writeFenced)
