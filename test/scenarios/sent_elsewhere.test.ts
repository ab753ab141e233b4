/** Somebody between the house and the venue answers instead of it: a redirect to another host. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { factsOf, play, sentEntries, shortAbsence, storyMs } from "./play.ts";

test("a signed request is never sent to the host that a redirect names; nothing is opened there until a person looked [N11]", {
  timeout: storyMs,
}, async () => {
  const reached: string[] = [];
  const elsewhere = createServer((request, response) => {
    reached.push(request.url ?? "");
    response.end("{}");
  });
  await new Promise<void>((settle) => elsewhere.listen(0, "127.0.0.1", settle));
  const to = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/api/v1/hf/orders`;
  await play(shortAbsence, async (stage) => {
    await stage.ask("SOL/USDT");
    stage.exchange.faults.add({ method: "POST", path: "/api/v1/hf/orders", verb: { do: "redirect", to } });
    await stage.telegram.tap("Approve");
    const isOpen = () => stage.books().house.breakers["venue_redirects@venue:kucoin"]?.state === "open";
    await stage.until(isOpen, "the breaker");
    await expect(stage.ask("ETH/USDT")).rejects.toThrow(/refused/);
    await stage.until(
      () => stage.position("SOL/USDT")?.state === "closed",
      "the proof that nothing was bought",
      45_000,
    );
    expect(sentEntries(stage)).toHaveLength(1);
    expect((await factsOf(stage, "order_answer_lost"))[0]?.because).toContain("redirect");
    expect(stage.log.lines.some((line) => JSON.stringify(line).includes("venue_redirects"))).toBe(true);
  });
  expect(reached).toEqual([]);
  await new Promise((settle) => elsewhere.close(settle));
});
