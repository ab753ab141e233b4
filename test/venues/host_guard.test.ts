/** No mode reaches a host that it has no business with. */
import { describe, expect, it } from "vitest";
import { modes } from "../../src/core/intent.ts";
import { guardHost, refusalToWrite } from "../../src/venues/_ccxt/host_guard.ts";

const liveHosts = ["api.kucoin.com"];
const addresses = {
  live: null,
  spelled: "https://api.kucoin.com",
  plain: "http://api.kucoin.com",
  here: "http://127.0.0.1:9000",
  lookalike: "https://api.kucoin.com.evil.example",
  inside: "http://127.0.0.1@api.kucoin.com",
  far: "http://10.0.0.5:9000",
  odd: "not a url",
} as const;

const allowed: Readonly<Record<string, readonly string[]>> = {
  live: ["live", "spelled"],
  paper: ["here"],
  dry_run: ["live", "spelled", "here"],
  backtest: [],
};

describe("the host guard", () => {
  it.each(
    modes.flatMap((mode) => Object.keys(addresses).map((name) => [mode, name as keyof typeof addresses] as const)),
  )("%s with the %s address", (mode, name) => {
    const answer = guardHost({ mode, baseUrl: addresses[name], liveHosts });
    expect(answer.ok).toBe(allowed[mode]?.includes(name));
  });

  it("gives the address back without a slash at its end", () => {
    expect(guardHost({ mode: "paper", baseUrl: "http://127.0.0.1:9000/venues/kucoin//", liveHosts })).toEqual({
      ok: true,
      value: "http://127.0.0.1:9000/venues/kucoin",
    });
  });

  it("lets no paper order out of the machine and no dry-run order to a live host", () => {
    const here = "http://127.0.0.1:9000";
    const live = "https://api.kucoin.com";
    const mayLeave = modes.flatMap((mode) =>
      [here, live].filter((url) => refusalToWrite(mode, url) === null).map((url) => [mode, url]),
    );
    expect(mayLeave).toEqual([
      ["paper", here],
      ["dry_run", here],
      ["live", here],
      ["live", live],
    ]);
  });
});
