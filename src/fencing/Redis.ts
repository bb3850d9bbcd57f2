/**
 * What makes Redis refuse a holder whose lock is no longer its own: a script that looks at the token and runs a command
 * in one step, so that nobody comes in between.
 */

/**
 * How the error of a refusal begins.
 *
 * @example
 * ```ts
 * import { redisStaleToken } from "holdfast/fencing"
 *
 * const hasLostItsLock = (error: Error): boolean => error.message.startsWith(redisStaleToken)
 * console.log(hasLostItsLock(new Error("STALETOKEN token 33 is out of date: 34 has been seen")))
 * ```
 */
export const redisStaleToken = "STALETOKEN"

/**
 * The Lua script. `KEYS[1]` is where the highest token is kept, further keys are those that the command uses; `ARGV[1]`
 * is the token, and the rest of `ARGV` is the command, whose reply is the reply of the script:
 *
 * ```sh
 * redis-cli EVAL "$SCRIPT" 2 '{report}:fence' '{report}' 33 SET '{report}' 'the new text'
 * ```
 *
 * **Gotchas**
 *
 * The key of the token must not expire and not be evicted, and in a cluster it must share a slot with the other keys:
 * write the part they share in braces. A failover of Redis may forget the latest writes, tokens among them.
 * It fences exclusive locks; holders of a shared lock or of a semaphore are valid together.
 *
 * @example
 * ```ts
 * import { redisFence } from "holdfast/fencing"
 *
 * // Of a client such as `redis` or `ioredis`.
 * type Eval = (script: string, keys: ReadonlyArray<string>, args: ReadonlyArray<string>) => Promise<unknown>
 *
 * export const setFenced = (run: Eval, token: number, text: string) =>
 *   run(redisFence, ["{report}:fence", "{report}"], [`${token}`, "SET", "{report}", text])
 * ```
 */
export const redisFence = `\
local token = tonumber(ARGV[1])
if not token or token < 1 or token > 9007199254740991 or token % 1 ~= 0 then
  return redis.error_reply("ERR the token must be a whole number from 1 to 2^53 - 1")
end
local seen = tonumber(redis.call("GET", KEYS[1]) or "0")
if token < seen then
  local words = "${redisStaleToken} token %.0f is out of date: %.0f has been seen"
  return redis.error_reply(string.format(words, token, seen))
end
redis.call("SET", KEYS[1], string.format("%.0f", token))
if #ARGV == 1 then
  return redis.status_reply("OK")
end
return redis.call(unpack(ARGV, 2))
`
