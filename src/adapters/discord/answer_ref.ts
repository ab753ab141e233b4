/**
 * How to answer an interaction, packed into the opaque AnswerRef that flows carry about. Pure.
 *   tap  a button                    cmd  a slash command, answered for all to see
 *   say  words in a direct message   own  a slash command whose answer is only for the one who typed it
 */
import type { AnswerRef } from "../../ports/messenger.ts";
import { isSnowflake } from "./snowflake.ts";

export type Answerable =
  | {
      readonly kind: "tap" | "cmd" | "own";
      readonly id: string;
      readonly applicationId: string;
      readonly token: string;
    }
  | { readonly kind: "say"; readonly id: string; readonly channelId: string };

export function packRef(answerable: Answerable): AnswerRef {
  const { kind, id } = answerable;
  const token =
    kind === "say" ? `say.${answerable.channelId}` : `${kind}.${answerable.applicationId}.${answerable.token}`;
  return { platform: "discord", id, token };
}

/** Null for what this adapter never made: another platform's, or damaged in the inbox. */
export function unpackRef(ref: AnswerRef): Answerable | null {
  if (ref.platform !== "discord" || ref.token === null || !isSnowflake(ref.id)) return null;
  const [kind = "", owner = "", ...rest] = ref.token.split(".");
  if (!isSnowflake(owner)) return null;
  if (kind === "say") return { kind, id: ref.id, channelId: owner };
  const token = rest.join(".");
  if ((kind !== "tap" && kind !== "cmd" && kind !== "own") || token === "") return null;
  return { kind, id: ref.id, applicationId: owner, token };
}
