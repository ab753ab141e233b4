import { z } from "zod";
import { plainCard } from "../src/core/card.ts";
import { defineCommand } from "../src/define/command.ts";
import { startDrill } from "../src/flows/drill_alarm.ts";
import type { Needs } from "../src/flows/needs.ts";

const options = z.object({
  what: z.enum(["alarm"]).default("alarm").describe("alarm: a test alarm that somebody must acknowledge"),
});

export const drill = defineCommand<typeof options, Needs>({
  name: "drill",
  summary: "Send a test alarm to every chat the way a real one goes; somebody must acknowledge it in time",
  options,
  access: { role: "operator", urgency: "safe" },
  examples: ["/drill alarm"],
  run({ needs, personId }) {
    return personId === null
      ? Promise.resolve(plainCard("warning", "Only a linked person can send a test alarm."))
      : startDrill(needs, personId);
  },
});
