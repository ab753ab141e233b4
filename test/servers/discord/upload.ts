/** Files that come with a message: the parts of the form, what `attachments` says of them, and what an embed may show. */
import type { Json } from "./refusal.ts";
import { type Complaint, refusals, refuse, refuseForm } from "./refusal.ts";

export type Upload = {
  readonly index: number;
  readonly filename: string;
  readonly type: string;
  readonly bytes: Buffer;
};

export type Attachment = {
  readonly id: string;
  readonly filename: string;
  readonly description: string | null;
  readonly contentType: string;
  readonly bytes: Buffer;
};

const bytesMax = 10 * 1_024 * 1_024;
const filesMax = 10;
const descriptionMax = 1_024;

export type Form = { readonly body: unknown; readonly uploads: readonly Upload[] };

/** A form has the message as `payload_json` and its files as `files[0]`, `files[1]`, ...; nothing else. */
export async function readForm(type: string, bytes: Buffer): Promise<Form | null> {
  const form = await new Response(new Uint8Array(bytes), { headers: { "content-type": type } })
    .formData()
    .catch(() => null);
  if (form === null) return null;
  let body: unknown = null;
  const uploads: Upload[] = [];
  for (const [name, value] of form.entries()) {
    if (name === "payload_json" && typeof value === "string") {
      body = tryJson(value);
      if (body === undefined) return null;
      continue;
    }
    const index = /^files\[(\d)\]$/.exec(name)?.[1];
    if (index === undefined || typeof value === "string") return null;
    uploads.push({
      index: Number(index),
      filename: value.name,
      type: value.type,
      bytes: Buffer.from(await value.arrayBuffer()),
    });
  }
  return { body, uploads };
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * What hangs on the message afterwards. `attachments` names what is new by the number of its file and what is kept by its id;
 * what it doesn't name is gone. Without `attachments` all that hung there stays.
 */
export function attachmentsOf(
  body: Json,
  uploads: readonly Upload[],
  before: { readonly kept: readonly Attachment[]; newId(): string },
): Attachment[] {
  if (uploads.some(({ bytes }) => bytes.length > bytesMax)) refuse(413, 40005, "Request entity too large");
  const named = body["attachments"];
  const complaints: Complaint[] = [];
  if (uploads.length > filesMax) complaints.push(invalid("files", "Must be 10 or fewer in length."));
  if (named !== undefined && !Array.isArray(named)) complaints.push(invalid("attachments", "Must be a list."));
  const entries = Array.isArray(named) ? (named as Json[]) : null;
  const added: Attachment[] = [];
  const kept: Attachment[] = entries === null ? [...before.kept] : [];
  entries?.forEach((entry, at) => {
    const old = before.kept.find(({ id }) => id === String(entry["id"]));
    const upload = uploads.find(({ index }) => String(index) === String(entry["id"]));
    const description = entry["description"] ?? null;
    if (description !== null && (typeof description !== "string" || [...description].length > descriptionMax))
      complaints.push(invalid(`attachments.${at}.description`, "Must be 1024 or fewer in length."));
    else if (old !== undefined) kept.push(old);
    else if (upload === undefined)
      complaints.push(invalid(`attachments.${at}.id`, "Attachment data used in payload not found."));
    else added.push(made(upload, String(entry["filename"] ?? upload.filename), description, before.newId()));
  });
  const isNamed = (upload: Upload) => entries?.some((entry) => String(entry["id"]) === String(upload.index)) === true;
  for (const upload of uploads) if (!isNamed(upload)) added.push(made(upload, upload.filename, null, before.newId()));
  refuseForm(complaints);
  return [...kept, ...added];
}

const made = (upload: Upload, filename: string, description: string | null, id: string): Attachment => ({
  id,
  filename,
  description,
  contentType: upload.type,
  bytes: upload.bytes,
});

const invalid = (path: string, message: string): Complaint => ({ path, code: "BASE_TYPE_INVALID", message });

/** An embed shows a picture from the network or a file of this very message. */
export function checkImages(embeds: readonly Json[], attachments: readonly Attachment[]): void {
  const complaints = embeds.flatMap((embed, at): Complaint[] => {
    const url = (embed["image"] as Json | undefined)?.["url"];
    if (url === undefined) return [];
    const path = `embeds.${at}.image.url`;
    if (typeof url !== "string" || !/^(https?|attachment):\/\//.test(url))
      return [invalid(path, "Not a well formed URL.")];
    const filename = /^attachment:\/\/(.*)$/.exec(url)?.[1];
    const isThere = filename === undefined || attachments.some((one) => one.filename === filename);
    return isThere ? [] : [invalid(path, "There is no such attachment.")];
  });
  refuseForm(complaints);
}

export function requireMayAttach(isDenied: boolean, uploads: readonly Upload[]): void {
  if (isDenied && uploads.length > 0) refusals.missingPermission();
}

export const attachmentJson = (attachment: Attachment): Json => ({
  id: attachment.id,
  filename: attachment.filename,
  ...(attachment.description === null ? {} : { description: attachment.description }),
  content_type: attachment.contentType,
  size: attachment.bytes.length,
  url: `https://cdn.invalid/attachments/${attachment.id}/${attachment.filename}`,
  proxy_url: `https://media.invalid/attachments/${attachment.id}/${attachment.filename}`,
});
