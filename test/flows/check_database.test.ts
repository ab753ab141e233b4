/** The hourly look at the settings of the database: with real money an unsafe one stops everything that opens, elsewhere it is said. */
import { describe, expect, test } from "vitest";
import type { Mode } from "../../src/core/intent.ts";
import { checkDatabase } from "../../src/flows/check_database.ts";
import type { Needs } from "../../src/flows/needs.ts";
import type { Decision, Ledger } from "../../src/ports/ledger.ts";
import { houseStarted } from "../fixtures/facts.ts";
import { keptLog } from "../fixtures/kept_log.ts";
import { type Story, startStory } from "../fixtures/story.ts";
import { watchMarks } from "../fixtures/watch_marks.ts";

const marks = watchMarks();
const unsafe = ["fsync is off in the database: it loses confirmed facts when its machine stops"];

function houseIn(
  mode: Mode,
  problems: readonly string[],
): { story: Story; needs: Needs; log: ReturnType<typeof keptLog> } {
  const story = startStory();
  story.tell({ ...houseStarted, mode });
  const log = keptLog();
  const ledger: Pick<Ledger, "books" | "commit" | "durability"> = {
    books: () => story.books(),
    durability: () => Promise.resolve(problems),
    commit<Value>(decide: (books: ReturnType<Story["books"]>, times: ReturnType<Story["now"]>) => Decision<Value>) {
      const { drafts, value } = decide(story.books(), story.now());
      story.tell(...drafts.map(({ fact }) => fact));
      return Promise.resolve(value);
    },
  };
  return { story, log, needs: { ledger, log, alerts: [] } as unknown as Needs };
}

const open = ({ story }: { story: Story }): readonly string[] => Object.keys(story.books().house.breakers);

describe("a database that may lose what it confirmed", () => {
  test("stops everything that opens in LIVE, once [P16]", async () => {
    const house = houseIn("live", unsafe);
    await checkDatabase(house.needs);
    await checkDatabase(house.needs);
    expect(open(house)).toHaveLength(1);
    expect(Object.values(house.story.books().house.breakers)[0]).toMatchObject({
      scope: "global",
      cause: "database_unsafe",
      class: "sticky",
      evidence: { fsync: unsafe[0] },
    });
    expect(marks.reached()).toContain("P16.found_while_running");
  });

  test.each(["paper", "dry_run"] as const)("is only said in %s [P16]", async (mode) => {
    const house = houseIn(mode, unsafe);
    await checkDatabase(house.needs);
    expect(open(house)).toEqual([]);
    expect(JSON.stringify(house.log)).toContain("fsync is off");
  });

  test("that keeps what it confirms is not talked about", async () => {
    const house = houseIn("live", []);
    await checkDatabase(house.needs);
    expect([open(house), marks.reached()]).toEqual([[], []]);
  });
});
