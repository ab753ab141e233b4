/** What stands around the process: each thing that could betray it is named with what to do; safe surroundings say nothing. */
import { describe, expect, test } from "vitest";
import { type Surroundings, surroundingsProblems } from "../../src/boot/surroundings.ts";

const safe: Surroundings = {
  env: { PATH: "/usr/bin", NODE_OPTIONS: "--max-old-space-size=512", HTTPS_PROXY: "" },
  execArgv: ["--enable-source-maps"],
  inspectorUrl: undefined,
  files: [{ name: ".env", mode: 0o600 }],
};
const named = (change: Partial<Surroundings>) =>
  surroundingsProblems({ ...safe, ...change }).map((problem) => [problem.name, problem.text] as const);

describe("surroundings", () => {
  test("that are safe are passed over", () => {
    expect(named({})).toEqual([]);
  });

  test.each([
    ["certificates that are not checked", { NODE_TLS_REJECT_UNAUTHORIZED: "0" }, "NODE_TLS_REJECT_UNAUTHORIZED"],
    ["an old TLS", { NODE_OPTIONS: "--tls-min-v1.0" }, "--tls-min-v1.0"],
    ["keys written down", { SSLKEYLOGFILE: "keys.txt" }, "SSLKEYLOGFILE"],
    ["a proxy", { HTTPS_PROXY: "http://127.0.0.1:9" }, "HTTPS_PROXY"],
    ["a proxy in small letters", { http_proxy: "http://127.0.0.1:9" }, "http_proxy"],
    ["a proxy for everything", { ALL_PROXY: "socks5://127.0.0.1:9" }, "ALL_PROXY"],
    ["a debugger in the options", { NODE_OPTIONS: "--inspect=0.0.0.0" }, "--inspect=0.0.0.0"],
  ])("[G08] %s", (_what, env, name) => {
    expect(named({ env: { ...safe.env, ...env } }).map(([one]) => one)).toEqual([name]);
  });

  test("[G08] a debugger that listens, however it was started", () => {
    expect(named({ inspectorUrl: "ws://127.0.0.1:9229/x" })).toHaveLength(1);
    expect(named({ execArgv: ["--inspect-brk"] })).toHaveLength(1);
  });

  test.each([
    [0o644, "644"],
    [0o640, "640"],
    [0o602, "602"],
    [0o777, "777"],
  ])("[G09] a secret in a file of mode %o", (mode, shown) => {
    const found = named({ files: [{ name: "TELEGRAM_BOT_TOKEN", mode }] });
    expect(found).toEqual([["TELEGRAM_BOT_TOKEN", expect.stringContaining(`mode ${shown}`)]]);
    expect(found[0]?.[1]).toContain("chmod 600");
  });
});
