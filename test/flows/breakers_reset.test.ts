/** `/breakers reset` is /reset under another name: the same role, the same freshness, the same proof. */
import { expect, test } from "vitest";
import { breakers } from "../../commands/breakers.ts";
import { reset } from "../../commands/reset.ts";
import { isRisky } from "../../src/flows/ask_argument.ts";
import { closed, failing, openAlertHouse } from "../fixtures/alert_house.ts";

const asked = (action: "list" | "reset" | "withdraw") => ({ action, name: "two_writers", reason: "it is off" });

const eve = {
  type: "person_set",
  personId: "eve",
  name: "Eve",
  role: "viewer",
  timeZone: "UTC",
  isActive: true,
} as const;

async function opened(resets: number) {
  const house = await openAlertHouse();
  await house.tell(eve);
  for (let time = 0; time < resets; time += 1) await house.tell(failing("two_writers"), closed("two_writers"));
  await house.tell(failing("two_writers"));
  const needs = { ...house.needs(), settings: { ...house.needs().settings, approvals: { isStepUp: true } } };
  return needs as unknown as ReturnType<typeof house.needs>;
}

test.each([
  ["the first", 0, "none"],
  ["the fourth within a day", 3, "phrase_and_code"],
])("%s reset takes the proof that /reset takes", async (_which, resets, proof) => {
  const needs = await opened(resets);
  expect(reset.proof?.({ needs, options: { breaker: "two_writers", reason: "it is off" } })).toBe(proof);
  expect(breakers.proof?.({ needs, options: asked("reset") })).toBe(proof);
  expect(breakers.proof?.({ needs, options: asked("withdraw") })).toBe("none");
});

test.each([
  ["reset", true],
  ["withdraw", false],
  ["list", false],
] as const)("a late /breakers %s is asked again: %s", async (action, isAskedAgain) => {
  const needs = await opened(0);
  expect(isRisky(needs, breakers as never, asked(action))).toBe(isAskedAgain);
});

test.each(["reset", "withdraw"] as const)("a viewer may not %s", async (action) => {
  const needs = await opened(0);
  const card = await breakers.run({
    needs,
    options: asked(action),
    actor: "person:eve",
    personId: "eve",
    origin: { platform: "telegram", chatId: "1", userId: "9", isPrivate: true },
    sentAt: needs.clock.wall(),
  });
  expect(card.title).toMatch(/needs the role operator; yours is viewer/);
});
