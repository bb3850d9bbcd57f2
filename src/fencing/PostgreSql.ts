/**
 * What a PostgreSQL database needs to refuse a holder whose lock is no longer its own: a table of the highest tokens
 * seen, and a function to call first in the transaction that changes what the lock protects.
 *
 * The function keeps the row of the resource locked until the transaction ends. So a transaction with a newer token
 * waits for one with an older token that was admitted before it, and sees what that one did.
 */

/**
 * The SQLSTATE of a refusal.
 *
 * @example
 * ```ts
 * import { postgresqlStaleToken } from "holdfast/fencing"
 *
 * // Of an error of the driver `pg`, which has the SQLSTATE in `code`.
 * const hasLostItsLock = (error: { readonly code?: string }): boolean => error.code === postgresqlStaleToken
 * console.log(hasLostItsLock({ code: "HF001" }))
 * ```
 */
export const postgresqlStaleToken = "HF001"

/**
 * The SQL that installs it, again as often as you like:
 *
 * ```sql
 * BEGIN;
 * SELECT holdfast_fence('account-42', 33);  -- fails with SQLSTATE HF001 if a token above 33 has been seen
 * UPDATE account SET balance = balance + 10 WHERE id = 42;
 * COMMIT;
 * ```
 *
 * **Gotchas**
 *
 * Call it before you read what you are about to change: what was read earlier in the transaction may be out of date by
 * the time that the function returns. It fences exclusive locks; holders of a shared lock or of a semaphore are valid
 * together, whatever their tokens.
 *
 * @example
 * ```ts
 * import { postgresqlFence } from "holdfast/fencing"
 *
 * console.log(postgresqlFence) // node print-fence.js | psql
 * ```
 */
export const postgresqlFence = `\
CREATE TABLE IF NOT EXISTS holdfast_fences (
  resource text PRIMARY KEY,
  token bigint NOT NULL CHECK (token > 0)
) WITH (fillfactor = 50); -- room to update a row in place

CREATE OR REPLACE FUNCTION holdfast_fence(fenced_resource text, fencing_token bigint) RETURNS void
LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $$
DECLARE
  highest bigint;
BEGIN
  IF fenced_resource IS NULL OR fencing_token IS NULL THEN
    RAISE EXCEPTION 'holdfast_fence needs a resource and a token' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  INSERT INTO holdfast_fences AS fence (resource, token) VALUES (fenced_resource, fencing_token)
    ON CONFLICT (resource) DO UPDATE SET token = EXCLUDED.token WHERE fence.token <= EXCLUDED.token;
  IF NOT FOUND THEN
    SELECT token INTO highest FROM holdfast_fences WHERE resource = fenced_resource;
    RAISE EXCEPTION 'token % of % is out of date: % has been seen', fencing_token, fenced_resource, highest
      USING ERRCODE = '${postgresqlStaleToken}', HINT = 'The lock was lost. Give up, or acquire it anew.';
  END IF;
END
$$;
`
