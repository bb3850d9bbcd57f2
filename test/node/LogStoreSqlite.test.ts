/**
 * The log store in SQLite keeps the contract, on a real disk.
 */
import { logStoreContract } from "../contract/LogStore.ts"
import { sqliteGround } from "./logstore/SqliteGround.ts"

logStoreContract("LogStoreSqlite", sqliteGround, 20)
