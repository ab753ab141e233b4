/**
 * Which way imports point. Each rule's comment is the message that a contributor sees.
 *
 *   commands/ jobs/      strategies/ checks/ assertions/ alerts/
 *        |                            |
 *        v                            v
 *     flows/ --------> core/ <---- define/
 *        |
 *        v
 *     ports/  <---- implemented by adapters/*, venues/* (strangers to one another)
 *        ^
 *   assemble.ts <- main.ts | test/ | bench/
 */
const ours = "^(src|commands|jobs|bench|dashboard)/";

/** May import nothing of ours but what `seen` names. Packages and node: are judged by rules of their own. */
const sees = (name, from, seen, comment) => ({
  name,
  severity: "error",
  comment,
  from: { path: from },
  to: { path: ours, pathNot: seen },
});

module.exports = {
  forbidden: [
    {
      name: "core-is-pure",
      severity: "error",
      comment:
        "src/core imports only itself, zod and decimal.js: no I/O, no clock, no framework. Take what you need as an argument.",
      from: { path: "^src/core/" },
      to: { pathNot: ["^src/core/", "node_modules/(zod|decimal\\.js)/"] },
    },
    sees(
      "define-sees-core-and-ports",
      "^src/define/",
      "^src/(core|define|ports)/",
      "src/define describes shapes: it sees src/core and the interfaces of src/ports, nothing else.",
    ),
    {
      name: "ports-are-interfaces",
      severity: "error",
      comment:
        "src/ports holds interfaces in words of the core: it imports src/core and nothing else, no package and no node module.",
      from: { path: "^src/ports/" },
      to: { pathNot: ["^src/(core|ports)/"] },
    },
    sees(
      "leaves-see-core-only",
      "^src/(assertions|alerts)/",
      ["^src/(core|define)/", "^src/(assertions|alerts)/"],
      "Assertions and alerts are pure: they see src/core and src/define. What they need to know belongs in the books.",
    ),
    sees(
      "leaves-see-core-and-indicators",
      "^src/(strategies|checks)/",
      ["^src/(core|define|indicators)/", "^src/(strategies|checks)/"],
      "Strategies and checks are pure: they see src/core, src/define and src/indicators. One that reads anything else would decide from stale rows.",
    ),
    {
      name: "leaves-are-pure",
      severity: "error",
      comment: "Strategies, checks, assertions, alerts and indicators do no I/O: no node module, no package but zod.",
      from: { path: "^src/(strategies|checks|assertions|alerts|indicators)/" },
      to: { pathNot: ["^src/", "node_modules/zod/"] },
    },
    sees(
      "indicators-see-core",
      "^src/indicators/",
      "^src/(core|indicators)/",
      "Indicators calculate with numbers: they see src/core at most.",
    ),
    sees(
      "flows-see-ports",
      "^src/flows/",
      "^src/(core|define|ports|flows)/",
      "A flow sees src/core, src/define and the interfaces of src/ports. Lists of checks, strategies and alerts are handed to it; it never learns which database, chat or venue it works with.",
    ),
    sees(
      "commands-and-jobs-call-flows",
      "^(commands|jobs)/",
      "^(commands/|jobs/|src/(core|define|ports|flows)/)",
      "A command or job calls src/flows; it sees src/core, src/define and the interfaces of src/ports besides, and no adapter.",
    ),
    sees(
      "adapters-are-strangers",
      "^src/adapters/([^/]+)/",
      ["^src/(core|define|ports)/", "^src/adapters/$1/"],
      "An adapter sees src/core, src/define, src/ports and its own folder. Two adapters meet only in src/main.ts.",
    ),
    sees(
      "venues-are-strangers",
      "^src/venues/([^/]+)/",
      ["^src/(core|define|ports)/", "^src/venues/(_ccxt|$1)/"],
      "A venue sees src/core, src/define, src/ports, its own folder and _ccxt. It never sees another venue.",
    ),
    sees(
      "practice-knows-no-bot",
      "^src/practice/(?!main\\.ts$)",
      ["^src/practice/", "^src/core/(result|assert)\\.ts$"],
      "The practice exchange is somebody else's server: it shares nothing with the bot, or it would agree with its mistakes.",
    ),
    sees(
      "practice-starts-with-the-system-clock",
      "^src/practice/main\\.ts$",
      ["^src/practice/", "^src/core/(result|assert|time)\\.ts$", "^src/adapters/system/"],
      "The practice exchange's own entry point hands it the system's clock and chance, and nothing else of the bot.",
    ),
    sees(
      "settings-read-only-settings",
      "^src/(settings/|config\\.ts$)",
      ["^src/(core|define|settings)/", "^src/config\\.ts$"],
      "Settings are read before anything runs: src/config.ts and src/settings see src/core and src/define.",
    ),
    sees(
      "lab-is-pure",
      "^src/(lab|feeds)/",
      "^src/(core|define|indicators|lab|feeds)/",
      "The lab and the feed rules are pure: they see src/core, src/define and src/indicators; workers call them.",
    ),
    sees(
      "second-processes-stand-alone",
      "^src/(emergency|watchdog)/([^/]+)",
      [
        "^src/core/",
        "^src/(emergency|watchdog)/",
        "^src/venues/[^/]+/(emergency_)?wire\\.ts$",
        "^src/ports/(emergency_venue|clock)\\.ts$",
        "^src/adapters/(system|journal)/",
      ],
      "The emergency and watchdog processes must work when the rest is broken: the core, the clock, the journal and one wire module a venue, nothing else.",
    ),
    {
      name: "only-main-picks-adapters",
      severity: "error",
      comment:
        "Only src/main.ts, test/ and bench/ may import an adapter; everything else takes the port as an argument.",
      from: {
        pathNot:
          "^(src/main\\.ts$|src/boot/|src/(emergency|watchdog)/main\\.ts$|src/adapters/|test/|bench/|dashboard/|src/practice/main\\.ts$)",
      },
      to: { path: "^src/adapters/" },
    },
    {
      name: "only-main-picks-venues",
      severity: "error",
      comment:
        "Only src/main.ts, the generator, test/ and bench/ may import a venue; everything else takes the port as an argument.",
      from: { pathNot: "^(src/main\\.ts$|src/boot/|src/venues/|src/generate/|test/|bench/)" },
      to: { path: "^src/venues/", pathNot: "^src/venues/[^/]+/(emergency_)?wire\\.ts$" },
    },
    {
      name: "the-dashboard-sees-types",
      severity: "error",
      comment:
        "The dashboard imports types only, from the desk's contract and the core's events and cards: it runs in a browser.",
      from: { path: "^dashboard/" },
      to: {
        path: "^(src|commands|jobs)/",
        pathNot: "^src/(adapters/desk/contract|core/events|core/card)\\.ts$",
      },
    },
    {
      name: "the-dashboard-sees-types-only",
      severity: "error",
      comment: "Write `import type`: code of the house must not end up in the browser.",
      from: { path: "^dashboard/" },
      to: { path: "^(src|commands|jobs)/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "tools-are-not-the-product",
      severity: "error",
      comment: "src/generate is a tool: nothing that runs in production imports it.",
      from: { path: "^(src|commands|jobs)/", pathNot: "^src/generate/" },
      to: { path: "^src/generate/" },
    },
    {
      name: "no-tests-in-the-product",
      severity: "error",
      comment: "Production code never imports a test or a fixture.",
      from: { path: "^(src|commands|jobs|dashboard)/" },
      to: { path: "^test/" },
    },
    {
      name: "no-dev-packages-in-the-product",
      severity: "error",
      comment:
        "Production code imports only `dependencies` of package.json: devDependencies are not there at the user's.",
      from: { path: "^(src|commands|jobs)/", pathNot: "^src/generate/" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only", "npm"] },
    },
    {
      name: "no-unknown-packages",
      severity: "error",
      comment: "This import leads nowhere: a package that package.json doesn't name, or a file that isn't there.",
      from: { path: "^(src|commands|jobs|test|bench)/" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown", "unknown"] },
    },
    {
      name: "no-circles",
      severity: "error",
      comment: "A circle of imports hides which module is the lower one. (Circles of types alone are allowed.)",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-orphans",
      severity: "error",
      comment: "A file that nobody imports is dead or unregistered; run `npm run gen`, or remove it.",
      from: { orphan: true, path: "^(src|commands|jobs)/", pathNot: "(main\\.ts|index\\.ts|\\.d\\.ts|start\\.js)$" },
      to: {},
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^dist/" },
    enhancedResolveOptions: {
      extensions: [".ts", ".tsx", ".js", ".json", ".d.ts"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
