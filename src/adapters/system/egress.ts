/**
 * Where this process may connect to: this machine, and the hosts that its owner named. Whatever a message, a signal or an
 * answer of a venue holds, no connection to another host is even begun; the code that wanted it gets an error that names it.
 * It stands below every client (HTTP, WebSocket, database, queue), in the one place where all of them open a socket.
 */
import { isIP, Socket } from "node:net";
import { mark } from "../../core/mark.ts";

export type Egress = {
  /** Puts everything back as it was. */
  release(): void;
};

type Connect = (this: Socket, ...told: unknown[]) => Socket;

/**
 * @param hosts names or addresses; with a leading dot every host below it.
 * @param refused is told each host that was refused, once.
 */
export function guardEgress(hosts: readonly string[], refused: (host: string) => void): Egress {
  const allowed = new Set(hosts.map(plainHost));
  const told = new Set<string>();
  const members = Socket.prototype as unknown as { connect: Connect };
  const connect = members.connect;
  members.connect = function (...given) {
    const host = hostOf(given);
    if (host === null || isThisMachine(host) || isAllowed(allowed, host)) return connect.apply(this, given);
    mark("M14.no_way_out");
    if (!told.has(host)) refused(host);
    told.add(host);
    return connect.call(this, nowhere(host), ...given.filter((one) => typeof one === "function"));
  };
  return {
    release: () => {
      members.connect = connect;
    },
  };
}

/** A connection whose name leads nowhere: it fails in the way and at the time in which every client expects it to fail. */
function nowhere(host: string): unknown {
  const error = Object.assign(new Error(`A connection to ${host} was refused: it is no host of this house`), {
    code: "ECONNREFUSED",
  });
  return {
    host: "refused.invalid",
    port: 1,
    lookup: (_name: string, _options: unknown, done: (error: Error) => void) => process.nextTick(done, error),
  };
}

const plainHost = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/(?<=.)\.$/, "");

function isAllowed(allowed: ReadonlySet<string>, host: string): boolean {
  if (allowed.has(host)) return true;
  return [...allowed].some((one) => one.startsWith(".") && host.endsWith(one));
}

/** The forms in which a connection may be asked for: options, a port with a host, or node's own list of both. null = a path on this machine. */
function hostOf(given: readonly unknown[]): string | null {
  const first = Array.isArray(given[0]) ? (given[0] as readonly unknown[])[0] : given[0];
  if (typeof first === "object" && first !== null) {
    const { host, path } = first as { readonly host?: unknown; readonly path?: unknown };
    if (typeof path === "string" && host === undefined) return null;
    return plainHost(typeof host === "string" && host !== "" ? host : "localhost");
  }
  if (typeof first === "string" && !/^\d+$/.test(first)) return null;
  return plainHost(typeof given[1] === "string" ? given[1] : "localhost");
}

function isThisMachine(host: string): boolean {
  if (host === "localhost" || host === "::1") return true;
  const mapped = host.replace(/^::ffff:/, "");
  return isIP(mapped) === 4 && mapped.startsWith("127.");
}
