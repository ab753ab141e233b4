/**
 * The page on which somebody plays the human: one file of HTML, its state, and what can be done. For this machine only.
 *
 *   GET /                      the page
 *   GET /state?person=         HumanState
 *   POST /act?person=          an Act; { problem } when it can't be done
 *   GET /complete?person=&chat=&text=   values offered for the words typed so far
 */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Act, Hands } from "./contract.ts";

export type HumanPage = { readonly address: string; close(): Promise<void> };

const bodyMax = 64_000;

export async function openHumanPage(hands: Hands, port = 0): Promise<HumanPage> {
  const page = readFileSync(join(import.meta.dirname, "page.html"));
  const http = createServer((request, response) => {
    answer(hands, page, request, response).catch((error: unknown) => {
      send(response, 400, { problem: error instanceof Error ? error.message : String(error) });
    });
  });
  await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async close() {
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

async function answer(hands: Hands, page: Buffer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // Another site's page in the same browser must not play the human.
  const isOurs = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? "");
  const site = request.headers["sec-fetch-site"];
  if (!isOurs || (site !== undefined && site !== "same-origin" && site !== "none"))
    return send(response, 403, { problem: "For this page alone" });
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const personId = url.searchParams.get("person") ?? "";
  switch (`${request.method} ${url.pathname}`) {
    case "GET /":
      return void response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
    case "GET /state":
      return send(response, 200, hands.state(personId));
    case "GET /complete": {
      const { searchParams } = url;
      const values = await hands.complete(personId, searchParams.get("chat") ?? "", searchParams.get("text") ?? "");
      return send(response, 200, values);
    }
    case "POST /act":
      hands.act(personId, JSON.parse(await bodyOf(request)) as Act);
      return send(response, 200, {});
    default:
      return send(response, 404, { problem: "Nothing here" });
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > bodyMax) throw new Error("That is too long");
  }
  return text;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}
