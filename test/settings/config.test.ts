/** The settings: what an empty house runs by, what is refused and with which words, and that no word holds a value. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { z } from "zod";
import { type Config, configHash, environmentSettings, secretNames } from "../../src/config.ts";
import { limitOverridesSchema } from "../../src/core/profiles.ts";
import { houseSettings } from "../../src/settings/house_settings.ts";
import { showProblems } from "../../src/settings/problem.ts";
import { type ConfigSources, readConfig } from "../../src/settings/read_config.ts";
import type { TextFile } from "../../src/settings/read_texts.ts";

const known = {
  venues: ["kucoin"],
  alerts: ["exit_fired", "stop_missing"],
  strategies: [
    { name: "always_trade_canary", declares: { instrumentsMax: 9 }, params: z.object({}) },
    {
      name: "ema_trend",
      declares: { instrumentsMax: 9 },
      params: z.object({
        fastLength: z.number().int().min(2).max(50).default(12),
        target: z.number().nullable().default(6),
      }),
    },
  ],
};

type Given = {
  readonly env?: Record<string, string>;
  readonly argv?: readonly string[];
  readonly yaml?: string;
  readonly files?: Record<string, string>;
  readonly fileMode?: number;
};

function sources({ env = {}, argv = [], yaml, files = {}, fileMode = 0o600 }: Given): ConfigSources {
  const all: Record<string, string> = yaml === undefined ? files : { ...files, "countersign.yaml": yaml };
  const readFile = (path: string): TextFile | null => {
    const text = all[path];
    return text === undefined ? null : { text, mode: fileMode };
  };
  return { env, argv, readFile, known };
}

function configOf(given: Given): Config {
  const read = readConfig(sources(given));
  if (!read.ok) throw new Error(showProblems(read.problem));
  return read.value;
}

function problemsOf(given: Given): string {
  const read = readConfig(sources(given));
  return read.ok ? "" : showProblems(read.problem);
}

const telegramToken = "123456789:canary-telegram-token-0001";
const kucoin = {
  KUCOIN_API_KEY: "canarykey",
  KUCOIN_API_SECRET: "canarysecret",
  KUCOIN_API_PASSPHRASE: "canary phrase",
};

test("a house without any setting trades on paper, at the practice exchange, and asks", () => {
  const config = configOf({});
  expect(config).toMatchObject({
    mode: "paper",
    venue: "kucoin",
    once: false,
    declaredBalance: null,
  });
  expect(config.approvals).toMatchObject({ policy: "ask", expiresAfter: 300_000, quoteTtl: 2_000 });
  expect(config.strategies.map(({ name }) => name)).toEqual(["always_trade_canary", "ema_trend"]);
  expect(config.strategies[1]?.params).toEqual({ fastLength: 12, target: 6 });
  expect(config.environment.deskHost).toBe("127.0.0.1");
});

test("the command line beats the environment and the file, and the environment the defaults", () => {
  const config = configOf({
    env: { DESK_PORT: "8000", LOG_LEVEL: "warn" },
    argv: ["--mode", "DRY-RUN", "--interval=30s", "--market", "a.csv,b.csv", "--market", "c/", "--port", "0", "--once"],
    yaml: "mode: paper\ninterval: 1h\nsummary_hour: 7\nrisk: { risk_per_trade: 0.5%, strength_min: 0.10 }\nchats:\n",
  });
  expect(config).toMatchObject({ mode: "dry_run", interval: 30_000, once: true, summaryHour: 7 });
  expect(config.practice.market).toEqual(["a.csv", "b.csv", "c/"]);
  expect(config.environment).toMatchObject({ deskPort: 0, logLevel: "warn" });
  expect(config.risk).toMatchObject({ riskPerTrade: "0.005", strengthMin: "0.1", profile: "graduation" });
});

test("numbers of the file keep their digits, and big ids are not rounded", () => {
  const config = configOf({
    env: { ACCOUNT_BALANCE_USD: "123.450" },
    yaml: "people: [{ name: ana, role: owner, discord: 1000000000000000019 }]\npractice: { balance: { USDT: 0.10 } }",
  });
  expect(config.people[0]?.discord).toBe("1000000000000000019");
  expect(config.practice.balance).toEqual({ USDT: "0.1" });
  expect(config.declaredBalance).toBe("123.45");
});

test("a parameter can be switched off with null, and a name with nothing after it keeps its default", () => {
  const config = configOf({
    yaml: "strategies: [{ name: ema_trend, params: { target: null, fastLength: 9 } }]\npeople:\nmode:\n",
  });
  expect(config.strategies[0]?.params).toEqual({ fastLength: 9, target: null });
  expect(config).toMatchObject({ people: [], mode: "paper" });
});

test.each<[string, Given, string]>([
  ["a wrong word", { argv: ["--mode", "lve"] }, "mode (--mode): must be one of paper, dry_run, live, backtest"],
  ["an unknown flag", { argv: ["--inteval", "5m"] }, "--inteval: there is no such flag; did you mean --interval?"],
  ["a flag without its value", { argv: ["--mode"] }, "--mode: needs a value, such as --mode paper"],
  ["a stray word", { argv: ["live"] }, "command line: has a word that is no flag; run with --help"],
  [
    "an unknown key",
    { yaml: "watchlist: [A/B]" },
    "watchlist (countersign.yaml line 1): there is no such setting; did you mean watch_list?",
  ],
  [
    "an unknown key, deeper",
    { yaml: "risk:\n  profil: x" },
    "risk.profil (countersign.yaml line 2): there is no such setting; did you mean profile?",
  ],
  [
    "a number out of bounds",
    { yaml: "summary_hour: 24" },
    "summary_hour (countersign.yaml line 1): must be a whole number from 0 to 23",
  ],
  [
    "a duration without unit",
    { yaml: "interval: 300" },
    "interval (countersign.yaml line 1): must be a duration from 1s to 1d, such as 30s, 5m or 1h",
  ],
  [
    "a share above its bound",
    { yaml: "risk: { risk_per_trade: 6% }" },
    "risk.risk_per_trade (countersign.yaml line 1): must be a share from 0.0001 to 0.02, written 0.01 or 1%",
  ],
  [
    "a negative amount",
    { env: { ACCOUNT_BALANCE: "-5" } },
    "ACCOUNT_BALANCE (environment): must be an amount above 0 in plain digits, such as 123.45",
  ],
  ["a missing part", { yaml: "people:\n  - role: owner" }, "people[1].name (countersign.yaml line 2): is missing"],
  [
    "garbage YAML",
    { yaml: "mode: paper\nchats: [1, 2\n" },
    "countersign.yaml (line 3): isn't valid YAML; check the indentation, colons and quotes around here",
  ],
  [
    "a doubled key",
    { yaml: "mode: paper\nmode: live\n" },
    "countersign.yaml (line 2): the same name stands twice in one group; keep one",
  ],
  ["a tab", { yaml: "risk:\n\tprofile: x" }, "countersign.yaml (line 2): is indented with a tab; use spaces"],
  ["text for a group", { yaml: "risk: high" }, "risk (countersign.yaml line 1): must be a group of settings"],
  [
    "a file that was asked for",
    { argv: ["--config", "other.yaml"] },
    "COUNTERSIGN_CONFIG: names a settings file that can't be read",
  ],
  [
    "a near miss in the environment",
    { env: { TELEGRAM_TOKEN: "x" } },
    "TELEGRAM_TOKEN (environment): there is no such setting; did you mean TELEGRAM_BOT_TOKEN?",
  ],
  [
    "balances that disagree",
    { env: { ACCOUNT_BALANCE: "1", ACCOUNT_BALANCE_USD: "2" } },
    "ACCOUNT_BALANCE: differs from ACCOUNT_BALANCE_USD; give one, or the same in both",
  ],
  [
    "live without a balance",
    { env: kucoin, yaml: "mode: live" },
    "ACCOUNT_BALANCE: is missing; live trading needs to know what the account holds",
  ],
  [
    "live without a key",
    { env: { ACCOUNT_BALANCE: "1" }, yaml: "mode: live" },
    "KUCOIN_API_KEY: is missing; live trading at kucoin needs key, secret and passphrase",
  ],
  [
    "half a key",
    { env: { KUCOIN_API_KEY: "a", KUCOIN_API_SECRET: "b" } },
    "KUCOIN_API_PASSPHRASE: is missing; a KuCoin key is three values, give all or none",
  ],
  [
    "automatic in live",
    { env: { ...kucoin, ACCOUNT_BALANCE: "1" }, yaml: "mode: live\napprovals: { policy: automatic }" },
    "approvals.policy: must be ask in live mode; automatic is for paper and dry_run",
  ],
  [
    "a file that others can read, in live",
    {
      env: { ...kucoin, ACCOUNT_BALANCE: "1" },
      files: { ".env": "LOG_LEVEL=info" },
      fileMode: 0o644,
      argv: ["--mode", "live"],
    },
    ".env: is in a file that others can read; run chmod 600 on it",
  ],
  [
    "a strategy that isn't there",
    { yaml: "strategies: [{ name: ema_trnd }]" },
    "strategies[1].name: there is no such strategy; did you mean ema_trend? There are: always_trade_canary, ema_trend",
  ],
  [
    "a parameter out of bounds",
    { yaml: "strategies: [{ name: ema_trend, params: { fastLength: 1 } }]" },
    "strategies[1].params.fastLength: must be from 2 to 50",
  ],
  [
    "an unknown parameter",
    { yaml: "strategies: [{ name: ema_trend, params: { fastLenght: 3 } }]" },
    "strategies[1].params.fastLenght: there is no such setting; did you mean fastLength?",
  ],
  [
    "an instrument off the list",
    { yaml: "strategies: [{ name: ema_trend, symbols: [XRP/USDT] }]" },
    "strategies[1].symbols[1]: isn't on the watch_list; add it there or remove it here",
  ],
  [
    "one strategy twice",
    { yaml: "strategies: [{ name: ema_trend }, { name: ema_trend, symbols: [SOL/USDT] }]" },
    "strategies[2]: is the same strategy on the same instrument as one above; keep one",
  ],
  [
    "a hard band inside the soft",
    { yaml: "approvals: { soft_bps: 80 }" },
    "approvals.hard_bps: must not be below approvals.soft_bps",
  ],
  [
    "one id for two people",
    { yaml: "people: [{ name: a, role: owner, telegram: 5 }, { name: b, role: viewer, telegram: 5 }]" },
    "people.telegram: the same one stands twice; keep one",
  ],
  [
    "a secret given twice",
    { env: { TELEGRAM_BOT_TOKEN: telegramToken, TELEGRAM_BOT_TOKEN_FILE: "t" }, files: { t: telegramToken } },
    "TELEGRAM_BOT_TOKEN: is given 2 times (environment, TELEGRAM_BOT_TOKEN_FILE); keep one",
  ],
  [
    "a secret's file that isn't there",
    { env: { DISCORD_BOT_TOKEN_FILE: "gone" } },
    "DISCORD_BOT_TOKEN_FILE (environment): names a file that can't be read",
  ],
])("%s is refused with words that help", (_case, given, words) => {
  expect(problemsOf(given)).toBe(words);
});

test("all problems are told at once", () => {
  const told = problemsOf({
    env: { DESK_PORT: "70000" },
    argv: ["--sped", "2"],
    yaml: "mode: x\nvenue: binnace\nsummary_hour: 99",
  });
  for (const name of ["DESK_PORT", "--sped", "mode", "summary_hour"]) expect(told).toContain(name);
  expect(told.split("\n")).toHaveLength(4);
});

test.each<[string, Given]>([
  ["the environment", { env: { TELEGRAM_BOT_TOKEN: telegramToken } }],
  [".env", { files: { ".env": `TELEGRAM_BOT_TOKEN=${telegramToken}\n` } }],
  [
    "a file",
    { env: { TELEGRAM_BOT_TOKEN_FILE: "secrets/telegram" }, files: { "secrets/telegram": `${telegramToken}\n` } },
  ],
  [
    "a systemd credential",
    { env: { CREDENTIALS_DIRECTORY: "/run/c" }, files: { "/run/c/TELEGRAM_BOT_TOKEN": telegramToken } },
  ],
])("a secret can come from %s", (_way, given) => {
  expect(configOf(given).environment.telegramBotToken?.reveal()).toBe(telegramToken);
});

test("secrets never show themselves, however the settings are printed", () => {
  const config = configOf({ env: { TELEGRAM_BOT_TOKEN: telegramToken, ...kucoin } });
  const token = config.environment.telegramBotToken;
  expect(JSON.stringify(config)).not.toMatch(/canary-telegram|canarykey|canarysecret|canary phrase/);
  expect(`${String(token)} ${JSON.stringify({ token })}`).toBe('[redacted] {"token":"[redacted]"}');
});

test("no complaint holds a value, whichever setting it was put in", () => {
  const canary = "c4nary value\twith: [bad] {shape}";
  for (const name of Object.keys(environmentSettings))
    expect(problemsOf({ env: { [name]: canary } })).not.toContain("c4nary");
  for (const path of [
    "mode",
    "interval",
    "risk.profile",
    "people",
    "people.0.name",
    "practice.balance.USDT",
    "watch_list",
    "strategies",
  ]) {
    const yaml = path.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), canary);
    expect(problemsOf({ yaml: JSON.stringify(yaml) })).not.toMatch(/c4nary|^$/);
  }
  expect(problemsOf({ yaml: `mode: "${canary}\nrisk: *${canary}\n` })).not.toMatch(/c4nary|^$/);
  expect(problemsOf({ argv: ["--speed", canary, canary] })).not.toMatch(/c4nary|^$/);
});

test("what nobody should change at run time can't be changed", () => {
  const config = configOf({});
  expect(() => Object.assign(config.risk, { profile: "integration" })).toThrow(TypeError);
  expect(() => (config.watchList as string[]).push("XRP/USDT")).toThrow(TypeError);
});

test("the hash of the settings follows what decides orders, and nothing else", () => {
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  const hashOf = (given: Given): string => configHash(configOf(given), sha256);
  const plain = hashOf({});
  expect(hashOf({ env: { TELEGRAM_BOT_TOKEN: telegramToken, DESK_PORT: "1" } })).toBe(plain);
  expect(hashOf({ yaml: "people: [{ name: ana, role: owner }]\nsummary_hour: 3\nrisk: { profile: graduation }" })).toBe(
    plain,
  );
  for (const yaml of ["risk: { risk_per_trade: 0.5% }", "watch_list: [SOL/USDT]", "approvals: { soft_bps: 20 }"])
    expect(hashOf({ yaml: `${yaml}\nstrategies: []` })).not.toBe(hashOf({ yaml: "strategies: []" }));
});

test("the flows get the settings in their own units, and only the limits that were given", () => {
  const yaml = [
    "risk: { risk_per_trade: 0.5%, position_notional: 250, cooldown: 2h, is_downtrend_guarded: false }",
    "people: [{ name: ana, role: owner, telegram: 7 }, { name: bo, role: viewer, time_zone: Europe/Berlin }]",
    "time_zone: America/New_York\nchats: { telegram: [-100123] }\ntimeframe: 1h\ninterval: 5m",
  ].join("\n");
  const settings = houseSettings(configOf({ yaml }), { version: "1.2.3", sha256: (text) => `hash of ${text.length}` });
  expect(settings).toMatchObject({
    currency: "USDT",
    timeframeMs: 3_600_000,
    cycleMs: 300_000,
    volatilitySymbol: "BTC/USDT",
    allowedChats: { telegram: ["-100123"], discord: [] },
    approvals: { expiresMs: 300_000, quoteTtlMs: 2_000, execDeadlineMs: 10_000 },
  });
  expect(settings.overrides).toEqual({
    riskPerTrade: "0.005",
    positionNotional: { usd: "250" },
    cooldownMs: 7_200_000,
    isDowntrendGuarded: false,
  });
  expect(limitOverridesSchema.safeParse(settings.overrides).success).toBe(true);
  expect(settings.people.map(({ timeZone, telegramUserId }) => [timeZone, telegramUserId])).toEqual([
    ["America/New_York", "7"],
    ["Europe/Berlin", null],
  ]);
  expect(settings.strategies[1]?.symbols).toEqual(["BTC/USDT", "ETH/USDT", "SOL/USDT"]);
});

test("rules for alerts: chats, topics and people, in their order", () => {
  const yaml = [
    "people: [{ name: ana, role: owner, telegram: 7 }]",
    "alerts:",
    "  routes:",
    "    - { match: 'severity=critical,strategy=ema_trend', chats: [telegram:-100123:45, discord:900], go_on: true }",
    "    - { match: alert=exit_fired, people: [ana] }",
  ].join("\n");
  const { routes } = houseSettings(configOf({ yaml }), { version: "1", sha256: () => "hash" });
  expect(routes).toEqual([
    {
      matchers: [
        { label: "severity", value: "critical" },
        { label: "strategy", value: "ema_trend" },
      ],
      chats: [
        { platform: "telegram", chatId: "-100123", threadId: "45" },
        { platform: "discord", chatId: "900", threadId: null },
      ],
      people: [],
      goesOn: true,
    },
    { matchers: [{ label: "alert", value: "exit_fired" }], chats: [], people: ["ana"], goesOn: false },
  ]);
});

test.each([
  ["match: severity=loud", "alerts.routes[1].match", "there is no such severity"],
  ["match: alert=exit_fird", "alerts.routes[1].match", "did you mean exit_fired?"],
  ["match: colour=red", "alerts.routes[1].match", "there is no such label"],
  ["match: everything", "alerts.routes[1].match", "must be label=value"],
  ["match: severity=info, people: [eve]", "alerts.routes[1].people", "there is no such person"],
  ["match: severity=info, chats: [telegram]", "alerts.routes[1].chats[1]", "must look like telegram:-100"],
])("a rule for alerts that can't be meant is told at the start: %s", (rule, name, words) => {
  const told = problemsOf({ yaml: `people: [{ name: ana, role: owner }]\nalerts: { routes: [{ ${rule} }] }` });
  expect(told).toContain(name);
  expect(told.toLowerCase()).toContain(words.toLowerCase());
});

test("every name that holds a secret is known as one", () => {
  expect(secretNames).toEqual([
    "DATABASE_URL",
    "REDIS_URL",
    "TELEGRAM_BOT_TOKEN",
    "DISCORD_BOT_TOKEN",
    "HEARTBEAT_URL",
    "BEACON_KEY",
    "KUCOIN_API_KEY",
    "KUCOIN_API_SECRET",
    "KUCOIN_API_PASSPHRASE",
  ]);
});
