/**
 * What a message brings besides its words: a picture, shown in the embed, with words for those who can't see it, and a file to
 * be kept. Neither decides whether a message arrives: what Discord refuses with them is sent at once without.
 */
import type { AttachedFile } from "../../ports/card_files.ts";
import type { Picture } from "../../ports/painter.ts";
import type { DiscordText } from "./render.ts";
import type { WireRequest } from "./wire.ts";

export const pictureName = "picture.png";
/** Discord keeps at most this many characters of a description. */
const descriptionMax = 1_024;
/** A wire that is too slow for a picture is found out early enough for the bare message. */
export const pictureTimeoutMs = 3_000;

/** The embed shows the file of this name, wherever it came from: sent with this request, or kept from the post. */
export function showingPicture(text: DiscordText): DiscordText {
  const [first, ...rest] = text.embeds;
  if (first === undefined) return text;
  return { ...text, embeds: [{ ...first, image: { url: `attachment://${pictureName}` } }, ...rest] };
}

/** What goes beside the words of one message; null = that part is missing. */
export type Enclosed = { readonly picture: Picture | null; readonly file: AttachedFile | null };

export const hasAny = ({ picture, file }: Enclosed): boolean => picture !== null || file !== null;

/** `request` with the picture and the file of its message. */
export function carrying(request: WireRequest, { picture, file }: Enclosed): WireRequest {
  const files = [
    ...(picture === null ? [] : [{ name: pictureName, data: picture.png, contentType: "image/png" }]),
    ...(file === null ? [] : [file]),
  ];
  const attachments = files.map(({ name }, id) => ({
    id,
    filename: name,
    ...(picture !== null && name === pictureName ? { description: picture.description.slice(0, descriptionMax) } : {}),
  }));
  return { ...request, body: { ...(request.body as object), attachments }, files };
}
