/** The strict Discord takes files as the platform does: a form of the right parts, every number and name of a file that is there. */
import { describe, expect, it } from "vitest";
import { isRefusal, type Json } from "./refusal.ts";
import { type Attachment, attachmentsOf, checkImages, readForm, type Upload } from "./upload.ts";

const png = Buffer.from([1, 2, 3]);
const upload: Upload = { index: 0, filename: "picture.png", type: "image/png", bytes: png };
const kept: Attachment = { id: "77", filename: "old.png", description: null, contentType: "image/png", bytes: png };
const before = { kept: [kept], newId: () => "78" };

const codeOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    if (isRefusal(error)) return (error.answer.body as Json)["code"];
    throw error;
  }
  return null;
};

async function formOf(parts: Readonly<Record<string, string | Blob>>) {
  const form = new FormData();
  for (const [name, value] of Object.entries(parts)) {
    if (typeof value === "string") form.append(name, value);
    else form.append(name, value, "picture.png");
  }
  const sent = new Response(form);
  return readForm(sent.headers.get("content-type") ?? "", Buffer.from(await sent.arrayBuffer()));
}
const file = new Blob([new Uint8Array(png)], { type: "image/png" });

describe("a form", () => {
  it("holds the message and its files", async () => {
    const form = await formOf({ payload_json: '{"content":"x"}', "files[0]": file });
    expect(form).toEqual({ body: { content: "x" }, uploads: [upload] });
  });
  it.each<[string, Record<string, string | Blob>]>([
    ["a file under another name", { payload_json: "{}", photo: file }],
    ["a file without brackets", { payload_json: "{}", files: file }],
    ["words as a file", { payload_json: "{}", "files[0]": "words" }],
    ["a message that is no JSON", { payload_json: "{" }],
  ])("with %s is none", async (_, parts) => expect(await formOf(parts)).toBeNull());
});

describe("attachments", () => {
  it.each<[string, Json, readonly Upload[], readonly string[]]>([
    ["that nothing is said of stay", {}, [], ["77"]],
    ["that an empty list is said of go", { attachments: [] }, [], []],
    [
      "are kept by their id and added by the number of their file",
      { attachments: [{ id: "77" }, { id: 0 }] },
      [upload],
      ["77", "78"],
    ],
    ["that are only sent are added", {}, [upload], ["77", "78"]],
  ])("%s", (_, body, uploads, ids) => {
    expect(attachmentsOf(body, uploads, before).map(({ id }) => id)).toEqual(ids);
  });
  it.each<[string, Json, readonly Upload[], number]>([
    ["a number without a file", { attachments: [{ id: 1 }] }, [upload], 50035],
    ["an id that never was", { attachments: [{ id: "99" }] }, [], 50035],
    ["a description that is too long", { attachments: [{ id: 0, description: "x".repeat(1_025) }] }, [upload], 50035],
    ["more than 10 MB", {}, [{ ...upload, bytes: Buffer.alloc(10 * 1_024 * 1_024 + 1) }], 40005],
  ])("refused: %s", (_, body, uploads, code) => expect(codeOf(() => attachmentsOf(body, uploads, before))).toBe(code));
  it("an embed shows only a file of its own message", () => {
    const showing = (url: string): Json[] => [{ image: { url } }];
    expect(codeOf(() => checkImages(showing("attachment://old.png"), [kept]))).toBeNull();
    expect(codeOf(() => checkImages(showing("attachment://other.png"), [kept]))).toBe(50035);
    expect(codeOf(() => checkImages(showing("old.png"), [kept]))).toBe(50035);
  });
});
