/**
 * House rules that no linter knows, as data: what is banned, where it is allowed, what to use instead, and a bad sample
 * that must be caught. A rule earns its place here when a reviewer has said the same thing twice.
 */
import type { Source } from "./source_text.ts";

export type Rule = {
  readonly banned: RegExp;
  /** code: without comments and strings; strings: their insides; text: everything. */
  readonly looksAt: "code" | "strings" | "text";
  /** Which files it is about; absent = all. */
  readonly appliesTo?: RegExp;
  readonly allowedIn?: RegExp;
  readonly instead: string;
  readonly samples: readonly (readonly [path: string, text: string])[];
};

/** The program itself: tests, benchmarks, tools and the browser have their own time and chance. */
const product = /^(src|commands|jobs)\/(?!generate\/)/;
const system = /^src\/adapters\/system\//;

export const rules: readonly Rule[] = [
  {
    banned:
      /\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\s*\)|\bperformance\.(now|timeOrigin)\b|\bprocess\.(hrtime|uptime)\b/,
    looksAt: "code",
    appliesTo: product,
    // The launcher runs before there is a clock.
    allowedIn: /^src\/(adapters\/system\/|start\.js$)/,
    instead: "clock.now() (house time), clock.wall() (real time) or clock.mono() (durations) of src/ports/clock.ts",
    samples: [
      ["src/core/x.ts", "const t = Date.now();"],
      ["src/flows/x.ts", "const t = new Date();"],
      ["jobs/x.ts", "const t = performance.now();"],
      ["src/venues/kucoin/x.ts", "const t = process.hrtime();"],
    ],
  },
  {
    banned: /\bMath\.random\b|\brandomUUID\b|\brandomBytes\b|\brandomInt\b|\bgetRandomValues\b/,
    looksAt: "code",
    appliesTo: product,
    allowedIn: system,
    instead: "ids.next(), dice.roll() or vault.token() of src/ports",
    samples: [
      ["src/core/x.ts", "const n = Math.random();"],
      ["src/flows/x.ts", 'import { randomUUID } from "node:crypto";'],
      ["src/adapters/desk/x.ts", "const b = randomBytes(4);"],
    ],
  },
  {
    banned: /\bset(Timeout|Interval|Immediate)\b|\btimers\/promises\b/,
    looksAt: "code",
    appliesTo: product,
    allowedIn: system,
    instead: "clock.sleep() or clock.every() in an adapter; a row with a due time anywhere else",
    samples: [
      ["src/flows/x.ts", "setTimeout(run, 5);"],
      ["src/adapters/desk/x.ts", "setInterval(run, 5);"],
      ["jobs/x.ts", "setImmediate(run);"],
    ],
  },
  {
    banned: /\bprocess\.env\b|\bimport\.meta\.env\b/,
    looksAt: "code",
    appliesTo: product,
    allowedIn: /^src\/(main\.ts|start\.js|practice\/main\.ts)$/,
    instead: "a setting of src/config.ts, handed in by src/main.ts",
    samples: [["src/adapters/postgres/x.ts", "const url = process.env.DATABASE_URL;"]],
  },
  {
    banned: /\bas\s+(unknown\s+as\s+)?ClearedIntent\b|<ClearedIntent>/,
    looksAt: "code",
    appliesTo: /^(src|commands|jobs)\//,
    allowedIn: /^src\/core\/clearance\.ts$/,
    instead: "clear() of src/core/clearance.ts: it is the one door to a venue",
    samples: [
      ["src/flows/x.ts", "const c = intent as ClearedIntent;"],
      ["src/venues/kucoin/x.ts", "const c = intent as unknown as ClearedIntent;"],
    ],
  },
  {
    banned:
      /(?<![.\w])(now|clock_timestamp|statement_timestamp|transaction_timestamp)\s*\(\s*\)|\b(current_timestamp|current_date|localtimestamp)\b|\brandom\s*\(\s*\)/i,
    looksAt: "strings",
    appliesTo: /^src\/adapters\/(postgres|bullmq|embedded_postgres)\//,
    allowedIn: /(lease|lock|fence|epoch)[a-z_]*\.ts$/,
    instead: "a :at parameter; the database has no clock of its own",
    samples: [
      ["src/adapters/postgres/x.ts", "const q = `select now()`;"],
      ["src/adapters/postgres/x.ts", 'const q = "where at < current_timestamp";'],
      ["src/adapters/postgres/x.ts", "const q = `select clock_timestamp()`;"],
    ],
  },
  {
    banned:
      /\b(now|clock_timestamp|statement_timestamp|transaction_timestamp)\s*\(\s*\)|\b(current_timestamp|current_date|localtimestamp)\b/i,
    looksAt: "code",
    appliesTo: /^migrations\/.*\.sql$/,
    allowedIn: /(lease|lock|fence|epoch)[a-z_]*\.sql$/,
    instead: "a column without default, filled with :at; the database has no clock of its own",
    samples: [["migrations/0009_x.sql", "create table x (at timestamptz default now());"]],
  },
  {
    banned: /\bparseFloat\b/,
    looksAt: "code",
    appliesTo: product,
    instead: "price(), quantity(), notional() or ratio() of src/core/money.ts; Number() for what is no money",
    samples: [["src/venues/kucoin/x.ts", "const p = parseFloat(raw.price);"]],
  },
  {
    banned: /\.(toFixed|toPrecision|toExponential)\s*\(/,
    looksAt: "code",
    appliesTo: /^src\/(core|flows|checks|assertions|alerts|adapters|venues|define|ports)\/|^(commands|jobs)\//,
    allowedIn: /^src\/core\/money\.ts$/,
    instead: "showAmount(), showPercent() or a rounding by name of src/core/money.ts",
    samples: [["src/flows/x.ts", "const text = price.toFixed(2);"]],
  },
  {
    banned: /\bconsole\.\w+/,
    looksAt: "code",
    appliesTo: product,
    allowedIn: /^src\/(start\.js|practice\/main\.ts)$/,
    instead: "the log port; a tool writes to process.stdout",
    samples: [["src/flows/x.ts", 'console.log("here");']],
  },
  {
    banned: /\bprocess\.exit\s*\(/,
    looksAt: "code",
    appliesTo: product,
    allowedIn: /^src\/(main\.ts|start\.js|practice\/main\.ts)$/,
    instead: "an error or a result; only the entry point ends the process, after it has named open positions",
    samples: [["src/flows/x.ts", "process.exit(1);"]],
  },
  {
    // Written so that this line does not break its own rule.
    banned: /\b(TO{1}DO|FIX{1}ME|HA{1}CK)\b/,
    looksAt: "text",
    allowedIn: /^test\/house\/tidy/,
    instead: "doing it now, or an issue",
    samples: [
      ["src/core/x.ts", `// ${"TO"}DO later`],
      ["migrations/0009_x.sql", `-- ${"FIX"}ME`],
    ],
  },
  {
    banned: /\b(it|test|describe)\.(only|todo)\b/,
    looksAt: "code",
    appliesTo: /^test\//,
    instead: "a test that runs with all others",
    samples: [["test/core/x.test.ts", 'test.only("x", () => undefined);']],
  },
];

/** What a file holds against the rules, one sentence each. */
export function bannedWords(source: Source): readonly string[] {
  return rules.flatMap((rule) => {
    if (rule.appliesTo?.test(source.path) === false || rule.allowedIn?.test(source.path) === true) return [];
    const found = rule.banned.exec(source[rule.looksAt]);
    return found === null ? [] : [`${source.path}: has ${JSON.stringify(found[0])}; use ${rule.instead}`];
  });
}

const folderBanned = /(^|\/)(utils?|commons?|helpers?|services?|misc|shared|lib)(\/|\.[a-z]+$)/;
const nameAllowed =
  /^([a-z_][a-z0-9_]*\/)*([a-z_][a-z0-9_]*(\.(test|config|d))?\.(ts|tsx|js|cjs|mjs|css|html|json|webmanifest|csv|svg|png|ico)|README\.md|THIRD_PARTY\.md|\d{4}_[a-z0-9_]+\.sql|.*\.snap)$/;

/** Names of files and folders below the roots: snake_case, and no drawer for things that have no place. */
export function badName(path: string): readonly string[] {
  if (folderBanned.test(path)) return [`${path}: this name says nothing; name the file for the one thing that it does`];
  if (/\/fixtures\/|__snapshots__|^test\/golden\/texts\/[a-z_/]+\.txt$/.test(path) || nameAllowed.test(path)) return [];
  return [`${path}: files and folders are named in snake_case`];
}
