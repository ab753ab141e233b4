/** Starts the strict server for its own tests, and speaks to it without any client library. */
import { afterEach } from "vitest";
import { startTelegramServer, type TelegramServer, type TelegramServerOptions } from "./server.ts";

const open: TelegramServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

export async function house(options: TelegramServerOptions = {}) {
  const server = await startTelegramServer(options);
  open.push(server);
  const ana = server.addUser({ first_name: "Ana" });
  const group = server.addChat();
  return { server, ana, group, call: (method: string, body: unknown = {}) => call(server, method, body) };
}

export type Answer = {
  status: number;
  ok: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of many shapes.
  result?: any;
  description?: string;
  parameters?: unknown;
};

export async function call(
  server: TelegramServer,
  method: string,
  body: unknown,
  token = server.token,
): Promise<Answer> {
  const response = await fetch(`${server.apiRoot}/bot${token}/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, ...((await response.json()) as Omit<Answer, "status">) };
}

export const button = (callback_data: unknown, text: unknown = "Yes") => ({
  inline_keyboard: [[{ text, callback_data }]],
});
