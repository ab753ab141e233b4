/** The texts made from the settings: they must be true, so the examples are read back by the reader itself. */
import { parseEnv } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";
import { environmentSettings, fileSettings } from "../../src/config.ts";
import { envExample, helpText, settingsTables, yamlExample } from "../../src/settings/describe.ts";
import { readConfig } from "../../src/settings/read_config.ts";
import { flags } from "../../src/settings/read_flags.ts";

const strategies = ["always_trade_canary", "ema_trend"].map((name) => ({
  name,
  params: z.object({}),
  declares: { instrumentsMax: 9 },
}));
const read = (yaml: string | null, env: Record<string, string | undefined> = {}) =>
  readConfig({
    env,
    argv: [],
    readFile: (path) => (path === "countersign.yaml" && yaml !== null ? { text: yaml, mode: 0o600 } : null),
    known: { venues: ["kucoin"], strategies },
  });

test("countersign.example.yaml, copied as it is, changes nothing", () => {
  expect(read(yamlExample())).toEqual(read(null));
});

test("every commented example of countersign.example.yaml is accepted", () => {
  const uncommented = yamlExample().replace(
    /^( *)# (?=( *- )?[a-z_]+: |( {2,})[a-z_]+: |(people|telegram|discord|routes):$)/gm,
    "$1",
  );
  const prose = /^( *)(paper|ask|automatic|Durations): .*/gm;
  const result = read(uncommented.replace(prose, "$1# $2"));
  expect(result).toMatchObject({
    ok: true,
    value: {
      risk: { riskPerTrade: "0.01", cooldown: 14_400_000, positionNotional: "500" },
      people: [{ name: "ana", role: "owner", telegram: "123456789" }],
    },
  });
});

test(".env.example sets nothing until a line is uncommented, and then every line is accepted", () => {
  expect(parseEnv(envExample())).toEqual({});
  const filled = parseEnv(envExample().replace(/^#(?=[A-Z])/gm, ""));
  expect(Object.keys(filled).sort()).toEqual(Object.keys(environmentSettings).sort());
  const { TELEGRAM_BOT_TOKEN, DISCORD_BOT_TOKEN, COUNTERSIGN_CONFIG, ...rest } = filled;
  expect(read(null, rest)).toMatchObject({ ok: true, value: { declaredBalance: "123.45" } });
});

test("every setting and flag is in the table and has a description", () => {
  const table = settingsTables();
  for (const name of [...Object.keys(environmentSettings), ...Object.keys(fileSettings)])
    expect(table).toContain(`\`${name}`);
  for (const name of Object.keys(flags)) {
    expect(table).toContain(`\`--${name}`);
    expect(helpText()).toContain(`--${name}`);
  }
  expect(table).not.toMatch(/\| *\|$/m);
});
