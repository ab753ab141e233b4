/** A page without a browser: signs in over HTTP, speaks the desk's frames over a WebSocket, and checks every frame it gets. */
import { WebSocket } from "ws";
import { type ClientFrame, type ServerFrame, serverFrameSchema } from "../../src/adapters/desk/contract.ts";

export type SignedIn = {
  readonly status: number;
  readonly cookie: string;
  readonly setCookie: string;
  readonly body: unknown;
};

export async function signIn(address: string, code: unknown): Promise<SignedIn> {
  const response = await fetch(`${address}/api/session`, {
    method: "POST",
    headers: { origin: address, "content-type": "application/json" },
    body: JSON.stringify({ code }),
  });
  const setCookie = response.headers.get("set-cookie") ?? "";
  return { status: response.status, cookie: setCookie.split(";")[0] ?? "", setCookie, body: await response.json() };
}

export type PageClient = Awaited<ReturnType<typeof openPage>>;

export async function openPage(address: string, cookie: string, pageId = "page-0001") {
  const socket = new WebSocket(`${address.replace("http", "ws")}/api/live`, {
    headers: { origin: address, cookie },
    perMessageDeflate: false,
  });
  const frames: ServerFrame[] = [];
  const waiting = new Set<() => void>();
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  socket.on("message", (data) => {
    // A frame outside the contract fails the test that received it.
    frames.push(serverFrameSchema.parse(JSON.parse((data as Buffer).toString())));
    for (const wake of waiting) wake();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });

  /** The first frame, now or within two seconds, that fits. */
  async function next<Kind extends ServerFrame["kind"]>(
    kind: Kind,
    fits: (frame: Extract<ServerFrame, { kind: Kind }>) => boolean = () => true,
  ): Promise<Extract<ServerFrame, { kind: Kind }>> {
    type Wanted = Extract<ServerFrame, { kind: Kind }>;
    const find = () => frames.find((frame): frame is Wanted => frame.kind === kind && fits(frame as Wanted));
    const deadline = Date.now() + 2_000;
    while (find() === undefined && Date.now() < deadline) {
      await new Promise<void>((resolve) => {
        waiting.add(resolve);
        setTimeout(resolve, 50);
      });
    }
    waiting.clear();
    const found = find();
    if (found === undefined)
      throw new Error(`No "${kind}" frame came; got ${frames.map((frame) => frame.kind).join(", ")}`);
    return found;
  }

  const send = (frame: ClientFrame): void => socket.send(JSON.stringify(frame));
  send({ kind: "hello", pageId, timeZone: "Europe/Lisbon" });
  return { socket, frames, next, send, closed, close: () => socket.close() };
}
