import { z } from "zod";
import { plainCard } from "../src/core/card.ts";
import { notional, scale } from "../src/core/money.ts";
import { changeOf, limitNames } from "../src/core/profiles.ts";
import type { Limits } from "../src/core/risk_view.ts";
import { defineCommand } from "../src/define/command.ts";
import { currentLimits } from "../src/flows/gather_view.ts";
import { limitText, parseLimit } from "../src/flows/limit_controls.ts";
import type { Needs } from "../src/flows/needs.ts";
import { setLimit } from "../src/flows/set_limit.ts";

const options = z.object({
  name: z.string().max(40).default("").describe("Limit to change, such as riskPerTrade; empty shows all"),
  value: z.string().max(40).default("").describe("New value, such as 0.5%"),
  reason: z.string().max(200).default("").describe("Needed to loosen; goes to the audit trail"),
});

export const limits = defineCommand<typeof options, Needs>({
  name: "limits",
  summary: "Show the limits in force, or tighten one at once (loosening needs a reason)",
  options,
  access: { role: "viewer", urgency: "reads" },
  examples: ["/limits", "/limits riskPerTrade 0.5%", "/limits riskPerTrade 1% new month, fresh eyes"],
  aliases: ["limit"],
  view: { hasRefresh: false, isView: ({ value }) => value === "" },
  candidates: { name: () => limitNames.map((value) => ({ value, label: null })) },
  addsRisk: ({ needs, options }) => isLoosening(needs, options),
  roleFor: ({ needs, options }) => (isLoosening(needs, options) ? "owner" : "viewer"),
  proof: ({ needs, options }) => (isLoosening(needs, options) ? "phrase_and_code" : "none"),
  async run({ needs, actor, personId, sentAt, options }) {
    const { name } = options;
    const { value, reason } = joinPercent(options);
    const books = needs.ledger.books();
    const now = currentLimits(needs, books);
    if (name === "") {
      const fields = limitNames.map((one) => ({
        name: one,
        value: `${limitText(one, now[one])}${books.house.controls[one] === undefined ? "" : " (tightened)"}`,
      }));
      return {
        title: `Limits in force · profile ${needs.settings.profile}`,
        tone: "info",
        lines: ["The tightest of hard constants, profile and runtime controls holds."],
        fields,
        footer: "/limits NAME VALUE tightens at once.",
        chart: null,
      };
    }
    const known = limitNamed(name);
    if (known === undefined)
      return plainCard("warning", `There is no limit ${name}.`, ["/limits shows every limit with its name."]);
    if (value === "") return plainCard("info", `${known}: ${limitText(known, now[known])}`);
    const typed = parseLimit(known, value);
    if (!typed.ok) return plainCard("warning", typed.problem);
    const text = textOf(needs, name, value);
    const parsed = parseLimit(known, text);
    if (!parsed.ok) return plainCard("warning", parsed.problem);
    return setLimit(needs, { name: known, text, actor, personId, reason, sentAt });
  },
});

function limitNamed(name: string): keyof Limits | undefined {
  const wanted = aliases[name.toLowerCase()] ?? name;
  return limitNames.find((one) => one.toLowerCase() === wanted.toLowerCase());
}

/** Dollars become accounting currency at the rate of the settings. */
function textOf(needs: Needs, name: string, value: string): string {
  return name.toLowerCase() === "max_position_usd" ? scale(notional(value), needs.settings.usdRate) : value;
}

function isLoosening(
  needs: Needs,
  wish: { readonly name: string; readonly value: string; readonly reason: string },
): boolean {
  const known = limitNamed(wish.name);
  const { value } = joinPercent(wish);
  if (known === undefined || value === "" || !parseLimit(known, value).ok) return false;
  const to = parseLimit(known, textOf(needs, wish.name, value));
  if (!to.ok) return false;
  const from = currentLimits(needs, needs.ledger.books())[known];
  return changeOf(known, { from, to: to.value as typeof from }) === "loosens";
}

/** Names under which the runtime controls are known elsewhere. */
const aliases: Readonly<Record<string, string>> = {
  max_position_usd: "positionNotional",
  max_session_loss: "sessionLossNotional",
};

/** "0.5 %" arrives as two words: the sign belongs to the value, not to the reason. */
function joinPercent({ value, reason }: { value: string; reason: string }): { value: string; reason: string } {
  return /^%(\s|$)/.test(reason) ? { value: `${value}%`, reason: reason.slice(1).trim() } : { value, reason };
}
