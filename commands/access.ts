import { z } from "zod";
import { defineCommand } from "../src/define/command.ts";
import { answerStranger } from "../src/flows/answer_stranger.ts";
import type { Needs } from "../src/flows/needs.ts";

const options = z.object({});

export const access = defineCommand<typeof options, Needs>({
  name: "access",
  summary: "Ask the owner to let you in; nothing is shown to you before",
  options,
  access: { role: "anyone", urgency: "reads" },
  examples: ["/access"],
  run: ({ needs, origin }) => answerStranger(needs, origin),
});
