import { z } from "zod";
import { accountText, isOpenRequest } from "../src/core/access.ts";
import { type Role, roles } from "../src/core/authority.ts";
import type { PeopleBooks, Person } from "../src/core/books_people.ts";
import { type Card, plainCard } from "../src/core/card.ts";
import { changeCard } from "../src/core/change_card.ts";
import { lengthText } from "../src/core/facts.ts";
import { proofFor } from "../src/core/question.ts";
import { type CommandCall, defineCommand } from "../src/define/command.ts";
import { type Settled, settleAccess } from "../src/flows/ask_access.ts";
import { peopleCandidates } from "../src/flows/candidates.ts";
import { settledText } from "../src/flows/handle_access_tap.ts";
import {
  changeRole,
  findRequest,
  isRaise,
  lacksReason,
  type Managed,
  removePerson,
  unlinkPerson,
} from "../src/flows/manage_people.ts";
import type { Needs } from "../src/flows/needs.ts";

const platforms: readonly string[] = ["telegram", "discord", "desk"];

const options = z.object({
  action: z
    .enum(["list", "grant", "refuse", "role", "unlink", "remove"])
    .default("list")
    .describe("list who is here; grant or refuse who asks; change a role; unlink accounts; remove a person"),
  who: z
    .string()
    .max(60)
    .default("")
    .describe("The person's name or id; for grant and refuse also the account's number"),
  what: z
    .string()
    .max(240)
    .default("")
    .describe("The role, and why where it is raised (approver: WHY); the platform for unlink, empty for all"),
});

type Asked = z.infer<typeof options>;
type Call = CommandCall<Asked, Needs>;

export const people = defineCommand<typeof options, Needs>({
  name: "people",
  summary: "Who is here, with which role and accounts; let in, change a role, take power away",
  options,
  access: { role: "owner", urgency: "safe" },
  examples: [
    "/people",
    "/people grant 444 operator",
    "/people grant 444 approver: she watches the night",
    "/people role Ana viewer",
    "/people role Ana approver: she watches the night",
    "/people unlink Ana telegram",
    "/people remove Ana",
  ],
  aliases: ["users"],
  view: { hasRefresh: false, isView: ({ action }) => action === "list" },
  candidates: { who: peopleCandidates },
  // More power for somebody; taking it away counts however late.
  addsRisk: ({ needs, options: asked }) => givesPower(needs, asked),
  proof: ({ needs, options: asked }) => (isProofAsked(needs, asked) ? proofFor("T3") : "none"),
  run: (call) => (call.options.action === "list" ? Promise.resolve(listed(call.needs)) : act(call)),
});

function givesPower(needs: Needs, asked: Asked): boolean {
  return asked.action === "grant" || raises(needs, asked);
}

function raises(needs: Needs, asked: Asked): boolean {
  const { name, last } = wordsOf(asked);
  return asked.action === "role" && isRole(last) && isRaise(needs.ledger.books().people, name, last);
}

function isProofAsked(needs: Needs, asked: Asked): boolean {
  const { reason } = wordsOf(asked);
  return givesPower(needs, asked) && !lacksReason(needs, { isMore: raises(needs, asked), reason });
}

type Words = { readonly all: string; readonly name: string; readonly last: string; readonly reason: string };

/** A name may have several words: the last word of all is the role or the platform; behind a colon stands why. */
function wordsOf({ who, what }: Asked): Words {
  const [before = "", ...why] = `${who} ${what}`.split(":");
  const words = before.trim().split(/\s+/);
  return {
    all: words.join(" "),
    name: words.slice(0, -1).join(" "),
    last: (words.at(-1) ?? "").toLowerCase(),
    reason: why.join(":").trim(),
  };
}

const isRole = (word: string): word is Role => (roles as readonly string[]).includes(word);

async function act(call: Call): Promise<Card> {
  const { needs, actor, sentAt, options: asked } = call;
  const { all, name, last, reason } = wordsOf(asked);
  if (all === "") return plainCard("warning", "Whom?", ["Type /people for the list."]);
  switch (asked.action) {
    case "grant":
      return isRole(last) && last !== "owner"
        ? settle(call, { who: name, role: last, reason })
        : plainCard("warning", "As what?", [`Type /people grant ${name || all} viewer, operator or approver.`]);
    case "refuse":
      return settle(call, { who: all, role: null, reason: "" });
    case "role":
      return isRole(last)
        ? managedCard(needs, actor, await changeRole(needs, { actor, sentAt, who: name, role: last, reason }))
        : plainCard("warning", "Which role?", [`Type /people role ${all} and one of ${roles.join(", ")}.`]);
    case "unlink": {
      const platform = platforms.includes(last) && name !== "" ? last : null;
      return managedCard(
        needs,
        actor,
        await unlinkPerson(needs, { actor, sentAt, who: platform === null ? all : name, platform }),
      );
    }
    case "remove":
      return managedCard(needs, actor, await removePerson(needs, { actor, sentAt, who: all }));
    default:
      return listed(needs);
  }
}

type Settling = { readonly who: string; readonly role: Role | null; readonly reason: string };

async function settle({ needs, actor, personId, sentAt }: Call, wish: Settling): Promise<Card> {
  const { who, role: wanted, reason } = wish;
  const wallAt = needs.clock.wall();
  if (wanted !== null && wallAt - sentAt > 30_000)
    return plainCard("warning", "This came too late to let somebody in; send it again if you still want it.");
  const known = needs.ledger.books().people.access[who];
  const found = findRequest(needs.ledger.books().people, who, wallAt);
  const requestId = known?.requestId ?? (found.ok ? found.value.requestId : null);
  if (requestId === null || personId === null)
    return plainCard("warning", found.ok ? "Only a linked owner may do this." : found.problem);
  const why = reason === "" ? {} : { reason };
  const settled = await settleAccess(needs, { requestId, role: wanted, personId, ...why });
  return settled.kind === "settled" ? settledCard(needs, actor, settled) : plainCard("info", settledText(settled));
}

function settledCard(needs: Needs, actor: string, settled: Extract<Settled, { kind: "settled" }>): Card {
  const { request, name, role, later, recorded } = settled;
  const account = accountText(request);
  return changeCard(
    needs.ledger.books(),
    {
      title: role === null ? `No to ${account}.` : `${name} is in as ${role}.`,
      lines: [
        role === null ? "They were told, and may ask again in a day." : `Account ${account}; it was told.`,
        ...(later === null ? [] : [`${name} becomes ${later}`]),
      ],
      now: role === null ? `${request.name}: not let in` : `${name}: ${role}`,
      running: "everybody else, as before",
      notDone: role === null ? "nothing was shown to them" : "no other account of theirs is linked",
      undo: role === null ? "they ask again, and an owner lets them in" : `/people remove ${name}`,
      actor,
    },
    recorded,
  );
}

/** The answer to whatever was changed about people; /unlink gives it too. */
export function managedCard(needs: Needs, actor: string, managed: Managed): Card {
  if (!managed.ok) return plainCard("warning", "Nothing was changed.", [managed.problem]);
  const { said, lines = [], now, undo, recorded } = managed.value;
  const running = "open requests and everybody else, as before";
  const notDone = "no order that was signed before is taken back";
  return changeCard(needs.ledger.books(), { title: said, lines, now, running, notDone, undo, actor }, recorded);
}

function listed(needs: Needs): Card {
  const books = needs.ledger.books();
  const now = needs.clock.wall();
  const active = Object.values(books.people.persons).filter((one) => one.isActive);
  const open = Object.values(books.people.access).filter((one) => isOpenRequest(one, now));
  return {
    title: `People: ${active.length}`,
    tone: "info",
    lines: open.map((one) => `Asks for access: ${one.name}, ${accountText(one)}. /people grant ${one.userId} ROLE`),
    fields: active.map((one) => ({ name: `${one.name}, ${one.role}`, value: accountsOf(books.people, one, now) })),
    footer: "Roles: viewer, operator, approver, owner; each may do what those before it may.",
    chart: null,
  };
}

function accountsOf(known: PeopleBooks, person: Person, now: number): string {
  const links = Object.values(known.links).filter((link) => link.personId === person.personId);
  const heard = (at: number | undefined) =>
    at === undefined ? "not heard yet" : now - at < 10_000 ? "heard just now" : `heard ${lengthText(now - at)} ago`;
  const accounts = links.map((link) => `${accountText(link)}, ${heard(link.heardAt)}`);
  const from = person.origin === "chat" ? "let in by chat" : "from the settings file";
  return [accounts.length === 0 ? "no account linked" : accounts.join("; "), from].join(" · ");
}
