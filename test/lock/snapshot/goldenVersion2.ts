/**
 * A snapshot in version 2 of the format, byte for byte, and the entries that lead to it: those of version 1, told the
 * time, and then grants that end in every way. Nothing in this file can change: a node that has such a snapshot on its
 * disk would no longer start. A new format has a new version, and this one goes on being read.
 */
import type { Note } from "../../../src/lock/Chronicle.ts"
import type { LockCommand } from "../../../src/lock/LockCommand.ts"
import { abandon, acquire, end, mint, open, release } from "../support/commands.ts"
import * as version1 from "./goldenVersion1.ts"

type Entry = readonly [time: number, note: Note, ...commands: ReadonlyArray<LockCommand>]

/**
 * The bytes are of a time when a lease ended with the stamp of its deadline, and not with the next. What ends by time
 * in these entries, `a7` and `cy`, is a millisecond shorter for that.
 */
const shortened = (command: LockCommand): LockCommand =>
  command._tag === "Acquire" && command.maxHoldMillis === 20 ? { ...command, maxHoldMillis: 19 } : command

/** It goes back once, as a clock does that is set. */
const note = (wallMillis: number): Note => ({ wallMillis, historyMax: 100 })

const hungUp = mint("m2", "gone", { lock: "past" })

export const entries: ReadonlyArray<Entry> = [
  ...version1.entries.map(([time, ...commands], at): Entry => [
    time,
    note(1_800_000_000_000 + at * 7),
    ...commands.map(shortened)
  ]),
  [1_030, note(1_800_000_000_500), open("bob", 9_000), acquire("h1", "bob", { lock: "past", owner: "o\u00fc" })],
  [1_040, note(1_800_000_000_400), release("h2", "bob", 8, { lock: "past" }), hungUp],
  [1_050, note(1_800_000_000_510), abandon("h3", hungUp), acquire("h4", "bob", { lock: "past", mode: "shared" })],
  [1_060, note(1_800_000_000_520), end("bob"), open("cy", 9), acquire("h5", "cy", { lock: "\u{1f600}past" })],
  [1_070, note(1_800_000_000_530), open("dee", 9_000), acquire("h6", "dee", { lock: "late", maxHoldMillis: 5 })],
  [1_080, note(1_800_000_000_540)]
]

export const bytes = Buffer.from(
  [
    "48464c54020000020ff104380c2000f501a3185c521c6401010206616e6e06616e6ef1ea60f1ea10010601100868656c64026f0102100868",
    "656c64026f0103131274696d6564206f7574027705140e7065726d69747302310506050e7065726d6974734df61fffffffffffff100e7065",
    "726d69747302320601140e7065726d69747302310501010205d83dde0005d83dde00f236ee80f236ee30000207120868656c64000a110868",
    "656c6400010001020868656c64010c0103d901f101ae0b0346f10215026f046132000476fc020201020461310203e803f236ee3a04460004",
    "6135f1ea60f305265c0009020800040205d83dde00010901030501090a41f1020e000473310001030e02f174f401020e7065726d69747303",
    "0702034102060e41f1020e023204703200f61fffffffffffff0101010c6d696e7465640c6d696e746564f103e8f103a70c6d696e74656404",
    "6d3101020c6d696e746564010601030101050241f1020e00046d31000c01000664656506646565f12328f1231e000e060e7065726d697473",
    "01000706616e6e0231f1020e000005d83dde00010b0805d83dde0000f1020707051274696d6564206f757401030a05d83dde00027728f101",
    "ed14087061737403000406626f62046ffc8cffc0590000000000000a040308676f6e65001e6e0a090206626f6200140a0a0dd83dde000070",
    "006100730074010201046379000a0a0a086c6174650103000664656500000a0a1048d20e"
  ].join(""),
  "hex"
)
