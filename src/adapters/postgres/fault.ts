/**
 * What a failed statement means for the data.
 *
 *   ERROR of a class about the values (22, 23, 42)  -> refused: our own rows are wrong, asking again changes nothing
 *   ERROR about a prepared statement                -> unprepared: ask again without a name
 *   ERROR about a collision (40001, 40P01)          -> collided: rolled back whole, the same statement may go out again
 *   any other ERROR                                 -> did_not_land: the statement was rolled back, ask again
 *   FATAL, PANIC, a lost connection, our timeout    -> nobody_knows: it may have been committed before the line broke
 */
import pg from "pg";
import { mark } from "../../core/mark.ts";

export type Fault =
  | { readonly kind: "unprepared" }
  | { readonly kind: "refused"; readonly error: Error }
  | { readonly kind: "collided" | "did_not_land" | "nobody_knows"; readonly because: string };

const valueClasses: ReadonlySet<string> = new Set(["22", "23", "42"]);
/** statement_completion_unknown; class 08 is about the connection. */
const unknownCodes = /^(?:40003|08...)$/;

export function judgeFault(error: Error): Fault {
  const because = sentence(error);
  if (!(error instanceof pg.DatabaseError) || error.code === undefined) {
    mark("P15.connection_lost_in_append");
    return { kind: "nobody_knows", because };
  }
  if (error.severity !== "ERROR" || unknownCodes.test(error.code)) return { kind: "nobody_knows", because };
  if (error.code === "26000" || error.code === "42P05") {
    mark("P08.statement_unprepared");
    return { kind: "unprepared" };
  }
  if (valueClasses.has(error.code.slice(0, 2))) return { kind: "refused", error };
  if (error.code === "40001" || error.code === "40P01") return { kind: "collided", because };
  if (error.code === "53100") mark("P14.disk_full");
  if (error.code === "58030") mark("P15.io_error");
  return { kind: "did_not_land", because };
}

function sentence(error: Error): string {
  const code = (error as { readonly code?: string }).code;
  if (code === "53100") return "the disk of the database is full; free some space";
  if (code === "58030") return "the database can't write its files; look at its disk";
  if (code === "25006") return "the database takes no writes (it is a standby now)";
  return code === undefined ? error.message : `${error.message} (${code})`;
}
