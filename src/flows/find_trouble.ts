/** Everything that is wrong at this moment, by promise and by what the venue and the strategies do. The watch acts on it, a reset asks it. */
import type { Books } from "../core/books.ts";
import { breakerKey } from "../core/breaker.ts";
import { mark } from "../core/mark.ts";
import type { Readings } from "../core/readings.ts";
import { throttled } from "../core/throttle.ts";
import { gatherReadings } from "./gather_readings.ts";
import { type Finding, holdPromises } from "./hold_promises.ts";
import type { Needs } from "./needs.ts";
import { steadyBooks } from "./steady.ts";

/** Real ms for which one redirect stands as trouble. */
const redirectCountsMs = 60_000;

export function findTrouble(needs: Needs, readings: Readings): readonly Finding[] {
  const books = needs.ledger.books();
  return [
    ...holdPromises(needs.assertions, steadyBooks(needs, books), readings),
    ...ofVenue(readings),
    ...ofAlerts(readings),
    ...ofStrategies(needs, books, readings),
  ];
}

/** What is wrong now, without the pace of the watch: for a person who asks. */
export function troubleNow(needs: Needs): readonly Finding[] {
  return findTrouble(needs, gatherReadings(needs, null));
}

const plain = (found: Pick<Finding, "scope" | "cause" | "class" | "evidence">): Finding => ({
  ...found,
  key: breakerKey(found.scope, found.cause),
  grade: "open",
  looks: 1,
  effect: null,
  promise: found.cause,
});

function ofVenue({ venue }: Readings): readonly Finding[] {
  const scope = `venue:${venue.name}`;
  const found: Finding[] = [];
  if (venue.bannedMs > 0) {
    mark("V31.banned");
    const evidence = { "stay away for": `${Math.ceil(venue.bannedMs / 1_000)} s` };
    found.push(plain({ scope, cause: "venue_banned", class: "transient", evidence }));
  }
  const redirectedMs = venue.redirectedAgeMs ?? null;
  if (redirectedMs !== null && redirectedMs < redirectCountsMs) {
    const evidence = { "another host was named": `${Math.round(redirectedMs / 1_000)} s ago` };
    found.push(plain({ scope, cause: "venue_redirects", class: "sticky", evidence }));
  }
  if (venue.deadMan != null) {
    mark("V29.switch_of_somebody_else");
    const { seconds, symbols } = venue.deadMan;
    const evidence = {
      after: `${seconds} s of silence`,
      cancels: symbols.length === 0 ? "everything" : symbols.join(" "),
    };
    found.push(plain({ scope, cause: "dead_man_switch", class: "transient", evidence }));
  }
  if (venue.keyRefused !== null) {
    mark("V50.key_refused");
    const evidence = { "the venue says": venue.keyRefused.slice(0, 160) };
    found.push(plain({ scope, cause: "key_refused", class: "sticky", evidence }));
  }
  return found;
}

/** With real money nothing is opened while an alert would reach nobody; with play money it is only said. */
function ofAlerts({ mode, nobodyCalled }: Readings): readonly Finding[] {
  if (nobodyCalled == null || mode !== "live") return [];
  mark("O11.nobody_would_be_called");
  return [plain({ scope: "global", cause: "alerts_unheard", class: "transient", evidence: { because: nobodyCalled } })];
}

function ofStrategies(needs: Needs, books: Books, { at }: Readings): readonly Finding[] {
  const { settings } = needs;
  if (settings.profile === "drill" && settings.mode !== "live") return [];
  const declared = (name: string): number | null =>
    needs.strategies.find((strategy) => strategy.name === name)?.declares.entriesPerDay ?? null;
  return throttled(books, at, declared).map((found) => {
    mark("M07.throttle");
    return plain({ ...found, class: "sticky" });
  });
}
