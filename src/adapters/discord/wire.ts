/**
 * One request to Discord's REST, through discord.js' own client: bounded in time, never repeated by itself, every failure named.
 *
 *   discord.js by default   repeats after 5xx and cuts (one post became three messages), and waits out every 429 in silence
 *   here                    0 repeats; a 429 is handed up with its time; whoever asked decides
 */
import { DefaultRestOptions, REST, type RESTOptions, type RequestMethod } from "discord.js";
import { fail, ok, type Result } from "../../core/result.ts";
import type { Clock } from "../../ports/clock.ts";
import { codes, type WireProblem, wireProblem } from "./problems.ts";

export type WireRequest = {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Below /api/v10, like "/channels/1/messages". */
  readonly path: `/${string}`;
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string>>;
  /** Interactions and their webhooks prove themselves by the token in their path. */
  readonly isPublic?: boolean;
  readonly timeoutMs?: number;
  /** Sent as parts of a form beside the body. */
  readonly files?: readonly { readonly name: string; readonly data: Uint8Array; readonly contentType: string }[];
};

export type Wire = {
  request(request: WireRequest): Promise<Result<unknown, WireProblem>>;
  /** Redacted; null while Discord takes our token. */
  tokenProblem(): string | null;
  close(): void;
};

/** After a 401 nothing is asked for this long: 10,000 refused requests in ten minutes ban the whole address. */
const tokenPauseMs = 60_000;

type MakeRequest = RESTOptions["makeRequest"];

/**
 * The limit on edits of old messages arrives as a 429 with a code of its own, which discord.js takes for an ordinary rate limit
 * and waits out. With another status its code comes through.
 */
const tellOldEdits: MakeRequest = async (url, init) => {
  const response = await DefaultRestOptions.makeRequest(url, init);
  if (response.status !== 429) return response;
  const text = await response.text();
  const isOldEdit = new RegExp(`"code"\\s*:\\s*${codes.tooManyOldEdits}\\b`).test(text);
  return {
    body: null,
    bodyUsed: false,
    headers: response.headers,
    ok: false,
    status: isOldEdit ? 400 : 429,
    statusText: response.statusText,
    arrayBuffer: async () => new TextEncoder().encode(text).buffer as ArrayBuffer,
    json: async (): Promise<unknown> => JSON.parse(text),
    text: async () => text,
  };
};

/** For the gateway's client too: both must fail fast and loud. */
export function restOptions(apiRoot: string, timeoutMs: number): Partial<RESTOptions> {
  return {
    api: `${apiRoot.replace(/\/+$/, "")}/api`,
    retries: 0,
    timeout: timeoutMs,
    rejectOnRateLimit: () => true,
    makeRequest: tellOldEdits,
  };
}

const rawFile = ({ data, ...file }: NonNullable<WireRequest["files"]>[number]) => ({
  ...file,
  data: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
});

export function openWire(settings: { token: string; apiRoot: string; clock: Clock; timeoutMs: number }): Wire {
  const { token, clock, timeoutMs } = settings;
  const rest = new REST(restOptions(settings.apiRoot, timeoutMs * 2));
  let refused: { readonly because: string; readonly atMs: number } | null = null;

  async function send(request: WireRequest): Promise<Result<unknown, WireProblem>> {
    const late = new AbortController();
    const done = new AbortController();
    // discord.js' own timeout ends with the headers; ours also covers the body.
    void clock.sleep(request.timeoutMs ?? timeoutMs, done.signal).then(() => late.abort());
    // discord.js forgets the token after the first 401.
    rest.setToken(token);
    try {
      const options = {
        method: request.method as RequestMethod,
        fullRoute: request.path,
        auth: request.isPublic !== true,
        signal: late.signal,
        ...(request.body === undefined ? {} : { body: request.body }),
        ...(request.files === undefined ? {} : { files: request.files.map(rawFile) }),
        ...(request.query === undefined ? {} : { query: new URLSearchParams(request.query) }),
      };
      return ok(await rest.request(options));
    } catch (error) {
      return fail(wireProblem(error, token));
    } finally {
      done.abort();
    }
  }

  return {
    async request(request) {
      if (request.isPublic !== true && refused !== null && clock.mono() - refused.atMs < tokenPauseMs) {
        return fail({ kind: "token_refused", because: refused.because });
      }
      const answer = await send(request);
      if (request.isPublic === true) return answer;
      if (answer.ok) refused = null;
      else if (answer.problem.kind === "token_refused")
        refused = { because: answer.problem.because, atMs: clock.mono() };
      return answer;
    },
    tokenProblem: () => refused?.because ?? null,
    close() {
      rest.clearHandlerSweeper();
      rest.clearHashSweeper();
    },
  };
}
