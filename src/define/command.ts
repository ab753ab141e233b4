/** The shape of a chat command. Discord's registration, Telegram's menu, the desk's form, /help, docs and limit tests all read this object. */
import type { z } from "zod";
import { includesRole, type Role } from "../core/authority.ts";
import type { Card } from "../core/card.ts";
import type { Proof } from "../core/question.ts";
import type { Instant } from "../core/time.ts";
import type { Candidate } from "../ports/messenger.ts";

/** safe: counts however late it arrives. adds_risk: older than 30 s it is asked again with the present state. reads: answered late with a note. */
export type Urgency = "reads" | "safe" | "adds_risk";

export type CommandCall<Options, Needs> = {
  readonly options: Options;
  readonly needs: Needs;
  /** `person:ana` or, before anyone is linked, `desk`. */
  readonly actor: string;
  readonly personId: string | null;
  /** Where it was typed: a reply or a follow-up prompt goes there. */
  readonly origin: {
    readonly platform: string;
    readonly chatId: string;
    /** The topic of a forum; absent or null = none. */
    readonly threadId?: string | null;
    readonly userId: string;
    readonly isPrivate: boolean;
    /** What they call themselves there; it proves nothing. */
    readonly displayName?: string;
  };
  /** The message that carries it, as the record names it; absent = a button did. */
  readonly inboxId?: string | undefined;
  /** Wall time at which the person sent it. */
  readonly sentAt: Instant;
};

export type CommandDefinition<Options extends z.ZodObject, Needs> = {
  /** Lower-case letters, digits and underscores, at most 32: the alphabet that Discord and Telegram share. Equals the file name. */
  readonly name: string;
  /** Other words for the same command, of the same alphabet; unique among all names. */
  readonly aliases?: readonly string[];
  /** One line of at most 100 characters, Discord's limit. */
  readonly summary: string;
  /** Flat object of strings, numbers, booleans and enums, each with `.describe()`; its order is the order of words typed in Telegram. The last string takes the rest of the line. */
  readonly options: Options;
  /** "anyone" is for /link and /help only. */
  readonly access: { readonly role: Role | "anyone"; readonly urgency: Urgency };
  readonly examples: readonly string[];
  /** Its answer may reach only the one who asked: in a group it is refused, it is never repeated, and it never waits. */
  readonly isSecret?: true;
  /**
   * Set where it only reads: a long answer is turned by buttons and, with `hasRefresh`, made anew in place. `isView` says for
   * which options, where some of them change something.
   */
  readonly view?: { readonly hasRefresh: boolean; isView?(options: z.infer<Options>): boolean };
  /** Values of an option that exist now, best first: completion while typing, and buttons where it was left out. */
  readonly candidates?: {
    readonly [Name in keyof z.infer<Options>]?: (asked: { readonly needs: Needs }) => readonly Candidate[];
  };
  /** Whether these very options add risk although the command as such does not. */
  addsRisk?(asked: { readonly options: z.infer<Options>; readonly needs: Needs }): boolean;
  /** The role that these very options take, where that is more than the command as such takes: said before anything is proven. */
  roleFor?(asked: { readonly options: z.infer<Options>; readonly needs: Needs }): Role;
  /** What must be proven before it runs, where proofs are asked for; absent = nothing. Decided from the present books. */
  proof?(asked: { readonly options: z.infer<Options>; readonly needs: Needs }): Proof;
  run(call: CommandCall<z.infer<Options>, Needs>): Promise<Card>;
};

/** The command that goes by this name or this alias. */
export function commandNamed(commands: readonly AnyCommand[], name: string): AnyCommand | undefined {
  return commands.find((one) => one.name === name) ?? commands.find((one) => one.aliases?.includes(name) === true);
}

/** Why this role may not give this command; with options, whether it may give it with these. null = it may. */
export function whyNotAllowed(
  command: AnyCommand,
  role: Role,
  asked?: { readonly options: Record<string, unknown>; readonly needs: unknown },
): string | null {
  const { name, access } = command;
  if (access.role === "anyone") return null;
  if (!includesRole(role, access.role)) return `/${name} needs the role ${access.role}; yours is ${role}.`;
  const inner = asked === undefined ? undefined : command.roleFor?.(asked);
  return inner === undefined || includesRole(role, inner) ? null : `That needs the role ${inner}; yours is ${role}.`;
}

// biome-ignore lint/suspicious/noExplicitAny: a registry holds commands whose option types differ.
export type AnyCommand = CommandDefinition<z.ZodObject, any>;

export function defineCommand<Options extends z.ZodObject, Needs>(
  command: CommandDefinition<Options, Needs>,
): CommandDefinition<Options, Needs> {
  return command;
}
