/** What comes by the hour and asks nothing: every card that the jobs of summaries, reviews and reports bring within six weeks of house time. */
import { jobs } from "../../jobs/index.ts";
import { notional } from "../../src/core/money.ts";
import { drawAll, type Shown } from "./draw.ts";
import { type GoldenHouse, openGoldenHouse, shownAs } from "./house.ts";
import { busyHouse } from "./replies.ts";
import type { Scene } from "./scene.ts";

export const summaryScenes: readonly Scene[] = [
  { file: "summaries/a_busy_house", draw: async () => drawWeeks(await busyHouse()) },
  { file: "summaries/a_quiet_house", draw: async () => drawWeeks(await openGoldenHouse()) },
];

const days = 42;
const shownOfAKind = 2;

/** The first two of each kind: the day on which something happened, and one after it. */
async function drawWeeks(house: GoldenHouse): Promise<string> {
  const shown: Shown[] = [];
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  for (let each = 0; each < days; each += 1) {
    await house.clock.advance(86_400_000);
    for (const job of jobs)
      if (/summar|review|report/.test(job.name)) await job.run({ payload: {}, needs: house.needs });
    if (each === 3) await house.tell({ type: "equity_marked", equity: notional("10150.25"), because: "high" });
    await house.second();
    for (const message of house.telegram.messages) {
      const kind = message.card.title.replace(/[\d:-]+/g, "").trim();
      if (seen.has(message.messageId) || !/summary|review|report|month/i.test(kind)) continue;
      seen.add(message.messageId);
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      if (count <= shownOfAKind) shown.push(shownAs(message, `${kind}, number ${count}`));
    }
  }
  if (shown.length === 0) throw new Error("no summary came within six weeks");
  return drawAll(shown);
}
