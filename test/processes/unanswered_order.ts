/** The hardest moment for a process to end in: the exchange has bought, and its answer hangs. And what must come of it. */
import { expect } from "vitest";
import { openPositions, readBooks } from "../smoke/bot_books.ts";
import { linkTelegram } from "../smoke/link.ts";
import { violationsOf } from "../smoke/oracle.ts";
import { until } from "../smoke/until.ts";
import { newStage, openScene, type Scene } from "./bench.ts";

/** @returns with the order executed, and the bot still waiting to hear of it. */
export async function openWithUnansweredOrder(): Promise<Scene> {
  const stage = await newStage();
  const scene = await openScene(stage);
  await linkTelegram(scene);
  const copy = await until(
    "a prompt",
    () => scene.hands.messages("telegram").find((one) => one.title.includes("Buy ") && one.buttons.length > 0),
    scene,
  );
  stage.exchange.faults.add({ verb: { do: "hang_after" }, method: "POST", path: "/api/v1/hf/orders" });
  await scene.hands.tap(copy, "Approve");
  await until("the exchange has bought", () => Object.keys(stage.exchange.balances()).length > 1, scene);
  return scene;
}

/** By the process that follows: once, and no promise was broken on the way. */
export async function expectFoundAndProtected(scene: Scene): Promise<void> {
  const { stage } = scene;
  await until(
    "the position is found and protected",
    async () => openPositions(await readBooks(stage.home)).some((one) => one.protection === "placed"),
    { ...scene, everyMs: 200 },
  );
  expect(violationsOf(await readBooks(stage.home), stage.exchange)).toEqual([]);
}
