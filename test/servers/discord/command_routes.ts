/** Registration of slash commands, of one guild or global. */
import { requireCommand, requireCommands } from "./command_form.ts";
import { type Json, refusals, refuse } from "./refusal.ts";
import { bodyOf, type Call, noContent, ok, param, type Route } from "./request.ts";
import type { Command } from "./world.ts";

const createsPerDay = 200;

function scopeOf(call: Call): string {
  const { world } = call;
  if (param(call, "applicationId") !== world.applicationId)
    return refuse(403, 20012, "You are not authorized to perform this action on this application");
  const guildId = param(call, "guildId");
  if (guildId === "") return "global";
  const guild = world.guilds.get(guildId);
  if (guild === undefined) return refusals.unknownGuild();
  // Without the applications.commands scope the bot may live in the guild, but may not register there.
  if (!guild.botIsMember || !guild.allowsCommands) return refusals.missingAccess();
  return guildId;
}

function listOf(call: Call, scope: string): Command[] {
  return call.world.commands.get(scope) ?? [];
}

/** As the platform stores it: every default is filled in, and "required" is left out where it is false. */
function stored(call: Call, scope: string, body: Json, known: Command | undefined): Command {
  const { world } = call;
  if (known === undefined) {
    const creates = (world.commandCreates.get(scope) ?? 0) + 1;
    if (creates > createsPerDay)
      refuse(400, 30034, "Max number of daily application command creates has been reached (200)");
    world.commandCreates.set(scope, creates);
  }
  const options = ((body["options"] ?? []) as Json[]).map(({ required, ...rest }) =>
    required === true ? { ...rest, required } : rest,
  );
  return {
    id: known?.id ?? world.newId(world.now()),
    application_id: world.applicationId,
    version: world.newId(world.now()),
    type: 1,
    ...(scope === "global"
      ? { dm_permission: true, contexts: body["contexts"] ?? null, integration_types: [0] }
      : { guild_id: scope }),
    default_member_permissions: body["default_member_permissions"] ?? null,
    nsfw: false,
    name: String(body["name"]),
    name_localizations: null,
    description: body["description"],
    description_localizations: null,
    ...(options.length === 0 ? {} : { options }),
  };
}

function replaceAll(call: Call) {
  const scope = scopeOf(call);
  const bodies = Array.isArray(call.body) ? (call.body as Json[]) : [];
  requireCommands(bodies);
  const before = listOf(call, scope);
  const after = bodies.map((body) =>
    stored(
      call,
      scope,
      body,
      before.find((command) => command.name === body["name"]),
    ),
  );
  call.world.commands.set(scope, after);
  return ok(after);
}

function create(call: Call) {
  const scope = scopeOf(call);
  const body = bodyOf(call);
  requireCommand(body);
  const before = listOf(call, scope);
  const same = before.find((command) => command.name === body["name"]);
  if (same === undefined && before.length >= 100)
    refuse(400, 30032, "Maximum number of application commands reached (100)");
  const command = stored(call, scope, body, same);
  call.world.commands.set(scope, [...before.filter((other) => other !== same), command]);
  return { status: same === undefined ? 201 : 200, body: command };
}

function knownCommand(call: Call, scope: string): Command {
  return listOf(call, scope).find((command) => command.id === param(call, "commandId")) ?? refusals.unknownCommand();
}

function change(call: Call) {
  const scope = scopeOf(call);
  const known = knownCommand(call, scope);
  const merged = {
    name: known.name,
    description: known["description"],
    options: known["options"] ?? [],
    ...bodyOf(call),
  };
  requireCommand(merged);
  const command = stored(call, scope, merged, known);
  call.world.commands.set(
    scope,
    listOf(call, scope).map((other) => (other === known ? command : other)),
  );
  return ok(command);
}

function remove(call: Call) {
  const scope = scopeOf(call);
  const known = knownCommand(call, scope);
  call.world.commands.set(
    scope,
    listOf(call, scope).filter((other) => other !== known),
  );
  return noContent;
}

const limit = { calls: 20, windowMs: 4_000 };

function routesUnder(prefix: string): Route[] {
  return [
    { method: "GET", pattern: prefix, needsBotToken: true, limit, handle: (call) => ok(listOf(call, scopeOf(call))) },
    { method: "PUT", pattern: prefix, needsBotToken: true, limit, handle: replaceAll },
    { method: "POST", pattern: prefix, needsBotToken: true, limit, handle: create },
    { method: "PATCH", pattern: `${prefix}/:commandId`, needsBotToken: true, limit, handle: change },
    { method: "DELETE", pattern: `${prefix}/:commandId`, needsBotToken: true, limit, handle: remove },
  ];
}

export const commandRoutes: readonly Route[] = [
  ...routesUnder("/applications/:applicationId/commands"),
  ...routesUnder("/applications/:applicationId/guilds/:guildId/commands"),
];
