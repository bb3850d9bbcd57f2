/**
 * The snapshot store in files keeps the contract, on a real disk.
 */
import { snapshotStoreContract } from "../../contract/SnapshotStore.ts"
import { fileGround } from "./FileGround.ts"

snapshotStoreContract("SnapshotStoreFile", fileGround)
