/** What a failed statement means: only a plain ERROR proves that nothing was recorded. */
import pg from "pg";
import { expect, test } from "vitest";
import { judgeFault } from "../../src/adapters/postgres/fault.ts";

function databaseError(severity: string, code: string): Error {
  return Object.assign(new pg.DatabaseError("said by the server", 0, "error"), { severity, code });
}

test.each([
  ["a unique violation", databaseError("ERROR", "23505"), "refused"],
  ["a value out of range", databaseError("ERROR", "22003"), "refused"],
  ["a missing table", databaseError("ERROR", "42P01"), "refused"],
  ["a lost prepared statement", databaseError("ERROR", "26000"), "unprepared"],
  ["a name of somebody else's statement", databaseError("ERROR", "42P05"), "unprepared"],
  ["a full disk", databaseError("ERROR", "53100"), "did_not_land"],
  ["a deadlock", databaseError("ERROR", "40P01"), "collided"],
  ["a serialization failure", databaseError("ERROR", "40001"), "collided"],
  ["the statement's bound", databaseError("ERROR", "57014"), "did_not_land"],
  ["the lock's bound", databaseError("ERROR", "55P03"), "did_not_land"],
  ["a standby", databaseError("ERROR", "25006"), "did_not_land"],
  ["completion unknown", databaseError("ERROR", "40003"), "nobody_knows"],
  ["a broken line, as the server says it", databaseError("ERROR", "08006"), "nobody_knows"],
  ["a session ended by an administrator", databaseError("FATAL", "57P01"), "nobody_knows"],
  ["a server that could not write its log", databaseError("PANIC", "58030"), "nobody_knows"],
  ["a broken line", new Error("Connection terminated unexpectedly"), "nobody_knows"],
  ["our own bound", new Error("Query read timeout"), "nobody_knows"],
  ["a reset", Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }), "nobody_knows"],
])("%s", (_what, error, kind) => {
  expect(judgeFault(error).kind).toBe(kind);
});
