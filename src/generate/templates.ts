/**
 * What `npm run new` writes: a definition that compiles and works in a small way, and a test that says what it does. Both are
 * there to be changed; nothing of them pretends to be more than it is.
 */
import { exportName, type Kind } from "./kinds.ts";
import { venueFiles } from "./venue_template.ts";

/** Path from the root of the house to text. */
export type Files = Readonly<Record<string, string>>;

export function filesFor({ kind, folder }: Kind, name: string): Files {
  if (kind === "venue") return venueFiles(name);
  const { definition, test } = templates[kind](name, exportName(name));
  const testFolder = `test/${folder.replace(/^src\//, "")}`;
  return { [`${folder}/${name}.ts`]: definition, [`${testFolder}/${name}.test.ts`]: test };
}

type Template = (name: string, value: string) => { readonly definition: string; readonly test: string };

const command: Template = (name, value) => ({
  definition: `import { z } from "zod";
import { plainCard } from "../src/core/card.ts";
import { defineCommand } from "../src/define/command.ts";

export const ${value} = defineCommand({
  name: "${name}",
  summary: "Repeats a note to the one who wrote it",
  options: z.object({ note: z.string().max(200).default("nothing").describe("What to repeat") }),
  access: { role: "viewer", urgency: "reads" },
  examples: ["/${name}", "/${name} good morning"],
  async run({ actor, options }) {
    return plainCard("info", \`\${actor} says\`, [options.note]);
  },
});
`,
  test: `/** /${name} answers the one who asked. */
import { expect, test } from "vitest";
import { ${value} } from "../../commands/${name}.ts";
import { instant } from "../../src/core/time.ts";

test("/${name} repeats the note to the one who wrote it", async () => {
  const card = await ${value}.run({
    options: ${value}.options.parse({ note: "good morning" }),
    needs: undefined,
    actor: "person:ana",
    personId: "ana",
    inboxId: "in_1",
    origin: { platform: "desk", chatId: "desk", userId: "1", isPrivate: true },
    sentAt: instant(0),
  });
  expect(card).toMatchObject({ title: "person:ana says", lines: ["good morning"] });
});
`,
});

const job: Template = (name, value) => ({
  definition: `import { z } from "zod";
import { defineJob } from "../src/define/job.ts";
import type { Log } from "../src/ports/log.ts";

const payload = z.object({});

export const ${value} = defineJob<typeof payload, { readonly log: Log }>({
  name: "${name}",
  summary: "Notes in the log that it ran",
  payload,
  schedule: "on_demand",
  isVital: false,
  retry: { attempts: 1 },
  deadlineMs: 10_000,
  async run({ needs }) {
    needs.log.info("${name} ran");
  },
});
`,
  test: `/** The job ${name} does its work once a ring. */
import { expect, test } from "vitest";
import { ${value} } from "../../jobs/${name}.ts";

test("${name} notes in the log that it ran", async () => {
  const lines: string[] = [];
  const note = (text: string): void => void lines.push(text);
  await ${value}.run({ payload: {}, needs: { log: { info: note, warn: note, error: note } } });
  expect(lines).toEqual(["${name} ran"]);
});
`,
});

const strategy: Template = (name, value) => ({
  definition: `import { z } from "zod";
import { isMore, ratio, ratioOf } from "../core/money.ts";
import { defineStrategy } from "../define/strategy.ts";

const params = z.object({
  rising: z.number().int().min(1).max(20).default(3).describe("How many candles in a row must close higher"),
});

export const ${value} = defineStrategy({
  name: "${name}",
  summary: "Goes long after some candles in a row closed higher",
  params,
  declares: { instrumentsMax: 3, venuesMax: 1, entriesPerDay: 20, positionShareMax: ratio("0.05") },
  lookback: ({ rising }) => rising + 1,
  read({ candles }, { rising }) {
    const recent = candles.slice(-rising - 1);
    const rises = recent.filter((candle, at) => {
      const before = recent[at - 1];
      return before !== undefined && isMore(candle.close, before.close);
    });
    if (rises.length < rising) return null;
    return {
      direction: "long",
      strength: ratioOf(0.5),
      because: \`\${rising} candles in a row closed higher\`,
      exit: { stopDistance: ratio("0.02"), targetDistance: ratio("0.06"), timeLimitMs: null },
    };
  },
});
`,
  test: `/** The strategy ${name} speaks when its condition holds, and else is silent. */
import { expect, test } from "vitest";
import { price, quantity } from "../../src/core/money.ts";
import type { MarketView } from "../../src/core/signal.ts";
import { instant } from "../../src/core/time.ts";
import { ${value} } from "../../src/strategies/${name}.ts";

function viewOf(closes: readonly string[]): MarketView {
  const candles = closes.map((text, at) => {
    const close = price(text);
    return { openedAt: instant(at * 60_000), open: close, high: close, low: close, close, volume: quantity("1") };
  });
  return { at: instant(closes.length * 60_000), instrumentId: "kucoin:SOL/USDT", timeframeMs: 60_000, candles };
}

test.each([
  ["three higher closes in a row are a signal", ["87", "88", "89", "90"], "long"],
  ["one lower close between them is none", ["87", "88", "87.5", "90"], undefined],
  ["equal closes are none", ["87", "87", "87", "87"], undefined],
])("${name}: %s", (_promise, closes, direction) => {
  expect(${value}.read(viewOf(closes), ${value}.params.parse({}))?.direction).toBe(direction);
});
`,
});

const check: Template = (name, value) => ({
  definition: `import { defineCheck } from "../define/check.ts";

export const ${value} = defineCheck({
  name: "${name}",
  asks: "Could a price be read for this decision?",
  denies: "data_missing",
  evaluate(intent, view) {
    if (intent.reduceOnly || view.quote !== null) return null;
    return { "quotes read": "0 quotes" };
  },
});
`,
  test: `/** The check ${name} denies what it must and lets an exit through. */
import { expect, test } from "vitest";
import { ${value} } from "../../src/checks/${name}.ts";
import type { OrderIntent } from "../../src/core/intent.ts";
import type { RiskView } from "../../src/core/risk_view.ts";

const quote = { bid: "87.35", ask: "87.36", ageMs: 40 };

test.each([
  ["an entry with a price passes", { reduceOnly: false }, { quote }, null],
  ["an entry without a price is denied", { reduceOnly: false }, { quote: null }, { "quotes read": "0 quotes" }],
  ["an exit needs none", { reduceOnly: true }, { quote: null }, null],
])("${name}: %s", (_promise, intent, view, facts) => {
  expect(${value}.evaluate(intent as unknown as OrderIntent, view as unknown as RiskView)).toEqual(facts);
});
`,
});

const assertion: Template = (name, value) => ({
  definition: `import { defineAssertion } from "../define/assertion.ts";

export const ${value} = defineAssertion({
  id: "",
  name: "${name}",
  promises: "Every approval is kept under its own id",
  onBreach: { scope: "global", class: "sticky", looks: 1 },
  runbook: {
    means: "An approval is kept under an id that is not its own.",
    does: "Nothing new is opened.",
    you: "Rebuild the tables from the ledger, then reset it with a reason.",
  },
  breaches(books) {
    return Object.entries(books.approvals)
      .filter(([key, approval]) => approval.approvalId !== key)
      .map(([key, approval]) => ({ evidence: { key, approvalId: approval.approvalId } }));
  },
});
`,
  test: `/** The promise ${name} holds for sound books and names what breaks it. */
import { expect, test } from "vitest";
import { ${value} } from "../../src/assertions/${name}.ts";
import type { Approval } from "../../src/core/approval.ts";
import { emptyBooks } from "../../src/core/books.ts";
import { ratio } from "../../src/core/money.ts";
import { limitsOf } from "../../src/core/profiles.ts";
import { quietReadings } from "../../src/core/readings.ts";
import { instant } from "../../src/core/time.ts";

const limits = limitsOf("graduation", { mode: "paper", usdRate: ratio("1") });
const now = quietReadings({ at: instant(0), wallAt: instant(0), limits: { configured: limits, now: limits } });
const kept = { approvalId: "approval_1" } as Approval;

test("${name} holds for empty and for sound books", () => {
  expect(${value}.breaches(emptyBooks, now)).toEqual([]);
  expect(${value}.breaches({ ...emptyBooks, approvals: { approval_1: kept } }, now)).toEqual([]);
});

test("${name} names what breaks it", () => {
  expect(${value}.breaches({ ...emptyBooks, approvals: { approval_2: kept } }, now)).toEqual([
    { evidence: { key: "approval_2", approvalId: "approval_1" } },
  ]);
});
`,
});

const alert: Template = (name, value) => ({
  definition: `import { plainCard } from "../core/card.ts";
import { defineAlert } from "../define/alert.ts";

export const ${value} = defineAlert({
  name: "${name}",
  summary: "A source of data came back",
  severity: "info",
  wakesOn: ["source_back"],
  quietMinutes: 5,
  foldKey: ({ fact }) => fact.source,
  render: ({ fact }) => plainCard("ok", \`\${fact.source} is back\`, [\`It was gone for \${fact.goneMs} ms.\`]),
});
`,
  test: `/** The alert ${name} folds what belongs together and says what happened. */
import { expect, test } from "vitest";
import { ${value} } from "../../src/alerts/${name}.ts";
import { emptyBooks } from "../../src/core/books.ts";
import { instant } from "../../src/core/time.ts";

const recorded = {
  seq: 1,
  at: instant(0),
  wallAt: instant(0),
  tradeId: null,
  actor: "house",
  causedBy: null,
  prevHash: "",
  hash: "",
  fact: { type: "source_back", source: "kucoin", goneMs: 1500 },
} as const;

test("${name} is one card a source, and says how long it was gone", () => {
  expect(${value}.foldKey(recorded, emptyBooks)).toBe("kucoin");
  expect(${value}.render(recorded, emptyBooks)).toMatchObject({ title: "kucoin is back", lines: ["It was gone for 1500 ms."] });
});
`,
});

const templates = { command, job, strategy, check, assertion, alert } as const;
