/**
 * A picture inside a message: one file, shown in the embed, with words for those who can't see it. It never decides whether a
 * message arrives: what Discord refuses with a picture is sent at once without it.
 */
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

/** `request` with the picture as its only file. */
export function carrying(request: WireRequest, picture: Picture): WireRequest {
  const description = picture.description.slice(0, descriptionMax);
  return {
    ...request,
    body: {
      ...(request.body as object),
      attachments: [{ id: 0, filename: pictureName, description }],
    },
    files: [{ name: pictureName, data: picture.png, contentType: "image/png" }],
  };
}
