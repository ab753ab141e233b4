/** Reads the parameters of a Bot API call: query string, JSON, urlencoded form or multipart form with files. */
import type { IncomingMessage } from "node:http";

export type UploadedFile = { readonly filename: string; readonly bytes: Buffer };
export type Call = {
  readonly params: Readonly<Record<string, unknown>>;
  readonly files: ReadonlyMap<string, UploadedFile>;
};

const bodyMax = 12 * 1_024 * 1_024;

/** Null when the body can't be read as what it says it is. */
export async function readCall(request: IncomingMessage, url: URL): Promise<Call | null> {
  const fromQuery = Object.fromEntries(url.searchParams);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > bodyMax) return null;
    chunks.push(chunk as Buffer);
  }
  const body = Buffer.concat(chunks);
  const type = request.headers["content-type"] ?? "";
  if (body.length === 0) return { params: fromQuery, files: new Map() };
  if (type.startsWith("application/json")) return jsonCall(body, fromQuery);
  if (type.startsWith("application/x-www-form-urlencoded")) {
    const form = Object.fromEntries(new URLSearchParams(body.toString("utf8")));
    return { params: { ...fromQuery, ...form }, files: new Map() };
  }
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1];
  return type.startsWith("multipart/form-data") && boundary ? multipartCall(body, boundary, fromQuery) : null;
}

function jsonCall(body: Buffer, fromQuery: Record<string, unknown>): Call | null {
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return null;
    return { params: { ...fromQuery, ...parsed }, files: new Map() };
  } catch {
    return null;
  }
}

function multipartCall(body: Buffer, boundary: string, fromQuery: Record<string, unknown>): Call {
  const params: Record<string, unknown> = { ...fromQuery };
  const files = new Map<string, UploadedFile>();
  const mark = Buffer.from(`--${boundary}`);
  for (let at = body.indexOf(mark); at >= 0; ) {
    const next = body.indexOf(mark, at + mark.length);
    if (next < 0) break;
    // A part is: line end, headers, empty line, content, line end.
    const part = body.subarray(at + mark.length + 2, next - 2);
    const headEnd = part.indexOf("\r\n\r\n");
    const head = part.subarray(0, headEnd).toString("utf8");
    const content = part.subarray(headEnd + 4);
    const name = /name="?([^";\r\n]+)"?/.exec(head)?.[1];
    const filename = /filename="?([^";\r\n]+)"?/.exec(head)?.[1];
    if (name !== undefined && filename !== undefined) files.set(name, { filename, bytes: Buffer.from(content) });
    else if (name !== undefined) params[name] = content.toString("utf8");
    at = next;
  }
  return { params, files };
}
