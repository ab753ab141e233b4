/** The shape of a chat command. Discord's registration, Telegram's menu, the desk's form, /help, docs and limit tests all read this object. */
import type { z } from "zod";
import type { Role } from "../core/authority.ts";
import type { Card } from "../core/card.ts";
import type { Instant } from "../core/time.ts";

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
    readonly userId: string;
    readonly isPrivate: boolean;
  };
  /** The message that carries it, as the record names it. */
  readonly inboxId: string;
  /** Wall time at which the person sent it. */
  readonly sentAt: Instant;
};

export type CommandDefinition<Options extends z.ZodObject, Needs> = {
  /** Lower-case letters, digits and underscores, at most 32: the alphabet that Discord and Telegram share. Equals the file name. */
  readonly name: string;
  /** One line of at most 100 characters, Discord's limit. */
  readonly summary: string;
  /** Flat object of strings, numbers, booleans and enums, each with `.describe()`; its order is the order of words typed in Telegram. The last string takes the rest of the line. */
  readonly options: Options;
  /** "anyone" is for /link and /help only. */
  readonly access: { readonly role: Role | "anyone"; readonly urgency: Urgency };
  readonly examples: readonly string[];
  run(call: CommandCall<z.infer<Options>, Needs>): Promise<Card>;
};

// biome-ignore lint/suspicious/noExplicitAny: a registry holds commands whose option types differ.
export type AnyCommand = CommandDefinition<z.ZodObject, any>;

export function defineCommand<Options extends z.ZodObject, Needs>(
  command: CommandDefinition<Options, Needs>,
): CommandDefinition<Options, Needs> {
  return command;
}
