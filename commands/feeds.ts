import { z } from "zod";
import { defineCommand } from "../src/define/command.ts";
import type { Needs } from "../src/flows/needs.ts";
import { feedsCard } from "../src/flows/show_feeds.ts";

const options = z.object({});

export const feeds = defineCommand<typeof options, Needs>({
  name: "feeds",
  summary: "How old the market data of each instrument is, and how long it was away today",
  options,
  access: { role: "viewer", urgency: "reads" },
  view: { hasRefresh: true },
  examples: ["/feeds"],
  run: ({ needs }) => feedsCard(needs),
});
