/** What an answer to an order means: a refusal only on the list and in the venue's own words; everything else that left us may have happened. */
import { describe, expect, test } from "vitest";
import type { Answer, Heard } from "../../src/venues/_ccxt/call.ts";
import { type Dialect, judgeAnswer } from "../../src/venues/_ccxt/verdict.ts";
import { kucoinDialect } from "../../src/venues/kucoin/classify.ts";

const kucoin = kucoinDialect([]);
/** A venue that speaks Binance's way, with its documented refusals as the list. */
const numbered: Dialect = {
  rules: [
    { code: "-1013", means: "increment", source: "doc" },
    { code: "-2010", says: /^Duplicate order sent/, means: "exists", source: "doc" },
    { code: "-2010", means: "balance", source: "doc" },
  ],
  open({ body }) {
    const said = body as { code?: number; msg?: string } | undefined;
    if (said === undefined || typeof said !== "object") return null;
    return {
      code: said.code === undefined ? null : String(said.code),
      message: said.msg ?? "",
      data: said,
      retryAfterMs: null,
    };
  },
};

function heard(status: number, body: unknown, text = JSON.stringify(body)): Heard<unknown> {
  const answer = { status, headers: {}, body, length: text.length } as unknown as Answer;
  return { kind: "answered", answer, value: undefined } as unknown as Heard<unknown>;
}

describe("what counts as known", () => {
  test.for<{ name: string; dialect: Dialect; heard: Heard<unknown>; is: string }>([
    {
      name: "a 503 after the engine took it [V04]",
      dialect: kucoin,
      heard: heard(503, { code: "200004", msg: "no" }),
      is: "unknown",
    },
    {
      name: "-1007, whatever the client library calls it [V05]",
      dialect: numbered,
      heard: heard(400, { code: -1007, msg: "Timeout waiting for response" }),
      is: "unknown",
    },
    {
      name: "-1006 [V05]",
      dialect: numbered,
      heard: heard(400, { code: -1006, msg: "unexpected response" }),
      is: "unknown",
    },
    {
      name: "a body cut after twenty bytes [V06]",
      dialect: kucoin,
      heard: heard(200, undefined, '{"code":"200000","da'),
      is: "unknown",
    },
    { name: "an empty body [V06]", dialect: kucoin, heard: heard(200, undefined, ""), is: "unknown" },
    {
      name: "too little money [V07]",
      dialect: kucoin,
      heard: heard(200, { code: "200004", msg: "Balance insufficient!" }),
      is: "rejected",
    },
    {
      name: "-2010, too little money [V07]",
      dialect: numbered,
      heard: heard(400, { code: -2010, msg: "Account has insufficient balance" }),
      is: "rejected",
    },
    {
      name: "-2010, a duplicate: it exists, and is never sent again [V10]",
      dialect: numbered,
      heard: heard(400, { code: -2010, msg: "Duplicate order sent." }),
      is: "exists",
    },
    {
      name: "a duplicate client id [V10]",
      dialect: kucoin,
      heard: heard(200, { code: "126044", msg: "clientOid duplicated" }),
      is: "exists",
    },
    {
      name: "a firewall's 403 in JSON of its own [N10]",
      dialect: kucoin,
      heard: heard(403, { error: "forbidden" }),
      is: "unknown",
    },
    { name: "a proxy's page with 200 [N10]", dialect: kucoin, heard: heard(200, undefined, "<html>"), is: "unknown" },
    {
      name: "a code that nobody listed",
      dialect: kucoin,
      heard: heard(200, { code: "999999", msg: "?" }),
      is: "unknown",
    },
    {
      name: "a socket that closed [N01]",
      dialect: kucoin,
      heard: { kind: "silent", because: "reset" } as Heard<unknown>,
      is: "unknown",
    },
    {
      name: "a name that was not found: no byte left",
      dialect: kucoin,
      heard: { kind: "not_sent", because: "DNS" } as Heard<unknown>,
      is: "not_sent",
    },
    {
      name: "a rate limit, stated as not processed",
      dialect: kucoin,
      heard: heard(429, { code: "429000", msg: "too many" }),
      is: "busy",
    },
  ])("$name: $is", ({ dialect, heard: answer, is }) => expect(judgeAnswer(answer, dialect).kind).toBe(is));

  test("no rule of the list may answer for a 5xx", () => {
    for (const rule of kucoin.rules)
      expect(judgeAnswer(heard(500, { code: rule.code, msg: "x" }), kucoin).kind).toBe("unknown");
  });
});
