/** How the platform says no: an HTTP status, its own numeric code, and for bad forms a tree of what is wrong where. */
export type Json = Record<string, unknown>;

export type Answer = { status: number; body: Json | readonly Json[] | null; headers?: Record<string, string> };

export type Complaint = { path: string; code: string; message: string };

type Refusal = Error & { answer: Answer };

export function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && "answer" in error;
}

export function refuse(status: number, code: number, message: string, more: Json = {}): never {
  const answer: Answer = { status, body: { message, code, ...more } };
  throw Object.assign(new Error(message), { answer });
}

/** 50035 with the platform's nested `_errors`; does nothing when there is nothing to complain about. */
export function refuseForm(complaints: readonly Complaint[]): void {
  if (complaints.length === 0) return;
  const errors: Json = {};
  for (const { path, code, message } of complaints) {
    let at = errors;
    for (const part of path.split(".")) {
      at[part] ??= {};
      at = at[part] as Json;
    }
    at["_errors"] ??= [];
    (at["_errors"] as Json[]).push({ code, message });
  }
  refuse(400, 50035, "Invalid Form Body", { errors });
}

/** The refusals that more than one route uses, in the platform's words. */
export const refusals = {
  unauthorized: () => refuse(401, 0, "401: Unauthorized"),
  notFound: () => refuse(404, 0, "404: Not Found"),
  unknownChannel: () => refuse(404, 10003, "Unknown Channel"),
  unknownGuild: () => refuse(404, 10004, "Unknown Guild"),
  unknownMessage: () => refuse(404, 10008, "Unknown Message"),
  unknownUser: () => refuse(404, 10013, "Unknown User"),
  unknownWebhook: () => refuse(404, 10015, "Unknown Webhook"),
  unknownInteraction: () => refuse(404, 10062, "Unknown interaction"),
  unknownCommand: () => refuse(404, 10063, "Unknown application command"),
  alreadyAcknowledged: () => refuse(400, 40060, "Interaction has already been acknowledged."),
  missingAccess: () => refuse(403, 50001, "Missing Access"),
  othersMessage: () => refuse(403, 50005, "Cannot edit a message authored by another user"),
  emptyMessage: () => refuse(400, 50006, "Cannot send an empty message"),
  closedToMessages: () => refuse(403, 50007, "Cannot send messages to this user"),
  missingPermission: () => refuse(403, 50013, "Missing Permissions"),
  deadToken: () => refuse(401, 50027, "Invalid Webhook Token"),
  archived: () => refuse(400, 50083, "Thread is archived"),
  // Seen in the wild with status 429, so a client that waits out every 429 never learns of it.
  tooManyOldEdits: () =>
    refuse(429, 30046, "Maximum number of edits to messages older than 1 hour reached. Try again later.", {
      retry_after: 30,
      global: false,
    }),
  badJson: () => refuse(400, 50109, "The request body contains invalid JSON."),
} as const;
