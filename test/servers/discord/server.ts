/**
 * A Discord to test against: one port for REST v10 and the gateway, strict where the platform is strict, and a handle for
 * the test to play people, moderators and bad weather. Written from the platform's documented rules.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { type Fault, makeFaults } from "./faults.ts";
import { type GatewayControl, makeGateway } from "./gateway.ts";
import { type Humans, makeHumans } from "./humans.ts";
import { makeRateLimits } from "./rate_limits.ts";
import { makeRest, type SeenRequest } from "./rest.ts";
import { makeWorld, type World } from "./world.ts";

export type DiscordServer = Humans & {
  /** For DISCORD_API_ROOT: "http://127.0.0.1:PORT". */
  readonly apiRoot: string;
  readonly token: string;
  readonly applicationId: string;
  readonly world: World;
  readonly gateway: GatewayControl;
  readonly requests: SeenRequest[];
  /** 401, 403 and 429 answers so far; 10,000 in ten minutes would be a ban. */
  invalidRequests(): number;
  fault(fault: Fault): void;
  clearFaults(): void;
  /** Moves the server's clock forward: ages messages, interaction tokens and nonces. */
  skip(ms: number): void;
  /** Tells clients to reach the gateway at this port, where something stands between them and us. */
  advertise(port: number): void;
  stop(): Promise<void>;
};

export type DiscordServerOptions = {
  token?: string;
  port?: number;
  heartbeatMs?: number;
  identifyEveryMs?: number;
  identifiesPerDay?: number;
  /** Privileged intents switched on for the application. */
  allowedIntents?: number;
  /** Edits of messages older than an hour that one channel gets in an hour. */
  oldEditsAllowed?: number;
  /** Default true. */
  hasRateLimits?: boolean;
};

const defaultToken = "MTAwMDAwMDAwMDAwMDAwMDAwMA.GtestX.not-a-real-token-only-for-tests-000000";

export async function openDiscordServer(options: DiscordServerOptions = {}): Promise<DiscordServer> {
  const world = makeWorld({ token: options.token ?? defaultToken, oldEditsAllowed: options.oldEditsAllowed ?? 2 });
  const faults = makeFaults();
  const limits = makeRateLimits(options.hasRateLimits === false);
  let port = 0;
  const gateway = makeGateway(
    world,
    {
      heartbeatMs: options.heartbeatMs ?? 45_000,
      identifyEveryMs: options.identifyEveryMs ?? 5_000,
      identifiesPerDay: options.identifiesPerDay ?? 1_000,
      allowedIntents: options.allowedIntents ?? 0,
    },
    () => `ws://127.0.0.1:${port}`,
  );
  const rest = makeRest({ world, gateway, limits, faults });
  const http = createServer((request, response) => {
    rest.handle(request, response).catch((error: unknown) => response.socket?.destroy(error as Error));
  });
  const sockets = new WebSocketServer({ noServer: true });
  http.on("upgrade", (request, socket, head) => {
    const status = gateway.control.turnedAwayWith;
    if (status !== null) {
      socket.end(`HTTP/1.1 ${status} Turned Away\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (wire) => {
      const link = gateway.accept(wire);
      wire.on("message", (data) => link.message(String(data)));
      wire.on("close", (code) => link.closed(code));
      wire.on("error", () => wire.terminate());
    });
  });
  await new Promise<void>((resolve) => http.listen(options.port ?? 0, "127.0.0.1", resolve));
  port = (http.address() as AddressInfo).port;
  return {
    ...makeHumans(world, gateway.dispatch),
    apiRoot: `http://127.0.0.1:${port}`,
    token: world.token,
    applicationId: world.applicationId,
    world,
    gateway: gateway.control,
    requests: rest.seen,
    invalidRequests: () => limits.invalid,
    fault: faults.add,
    clearFaults: faults.clear,
    skip: world.skip,
    advertise: (between) => {
      port = between;
    },
    async stop() {
      for (const wire of sockets.clients) wire.terminate();
      sockets.close();
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}
