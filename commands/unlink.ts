import { z } from "zod";
import { defineCommand } from "../src/define/command.ts";
import { accountCandidates } from "../src/flows/candidates.ts";
import { unlinkAccount } from "../src/flows/manage_people.ts";
import type { Needs } from "../src/flows/needs.ts";
import { managedCard } from "./people.ts";

const options = z.object({
  platform: z.enum(["telegram", "discord", "desk"]).describe("Where the account is"),
  user: z.string().min(1).max(40).describe("Its numeric id; on the desk the person"),
});

export const unlink = defineCommand<typeof options, Needs>({
  name: "unlink",
  summary: "Take all power from one chat account, at once",
  options,
  access: { role: "owner", urgency: "safe" },
  candidates: { user: accountCandidates },
  examples: ["/unlink telegram 123456789"],
  run: async ({ needs, actor, sentAt, options: { platform, user } }) =>
    managedCard(needs, actor, await unlinkAccount(needs, { actor, sentAt, platform, userId: user })),
});
