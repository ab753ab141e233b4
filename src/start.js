/**
 * What `npm start` runs: builds the house once when its sources have changed, then runs the build in this very process, so
 * that a Ctrl-C or a `docker stop` reaches the bot itself.
 *
 *   npm start [-- flags]     dist/main.js        audit ... | migrate     dist/main.js, which knows these words
 *   npm run practice         dist/practice.js    --build-only            builds and ends
 *   npm run emergency        dist/emergency.js   never waits for a build when there is one
 *   npm run watchdog         dist/watchdog.js    likewise
 *
 * Plain JavaScript without packages: it must be able to say what is missing when everything is missing.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");
const stampPath = join(dist, "stamp.txt");
const oldestNode = [20, 19];

/** Entry points and the file each becomes; the ones whose source isn't there are left out. The last is the file of a thread. */
const entries = {
  main: "src/main.ts",
  practice: "src/practice/main.ts",
  emergency: "src/emergency/main.ts",
  watchdog: "src/watchdog/main.ts",
  picture_thread: "src/adapters/pictures/picture_thread.js",
};
/** What the build is made of. */
const sources = ["src", "commands", "jobs", "dashboard", "package.json", "package-lock.json"];

function refuse(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [wantedMajor, wantedMinor] = oldestNode;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  refuse(
    `Countersign needs Node ${oldestNode.join(".")} or newer; this is ${process.versions.node}. Install a newer Node and start again.`,
  );
}

/** Changes whenever a source is added, removed or written: a stat a file, no reading. */
function stampOf() {
  let newest = 0;
  let count = 0;
  let size = 0;
  const look = (path) => {
    const { mtimeMs, size: bytes } = statSync(path);
    newest = Math.max(newest, mtimeMs);
    count += 1;
    size += bytes;
  };
  const walk = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const inner = join(path, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== "node_modules") walk(inner);
      } else if (/\.(ts|tsx|js|css|html|json|svg|webmanifest)$/.test(entry.name)) look(inner);
    }
  };
  for (const source of sources) {
    const path = join(root, source);
    if (!existsSync(path)) continue;
    if (statSync(path).isDirectory()) walk(path);
    else look(path);
  }
  return `${newest} ${count} ${size} node ${process.versions.node.split(".")[0]}`;
}

function isFresh(stamp) {
  return existsSync(stampPath) && readFileSync(stampPath, "utf8") === stamp;
}

/**
 * One file an entry plus shared chunks; packages stay outside and are loaded from node_modules when they are needed. Chunk
 * names carry a hash, so a bot that still runs finds its own chunks after a new build beside them.
 */
async function buildHouse() {
  const { build } = await import("esbuild");
  const present = Object.entries(entries).filter(([, path]) => existsSync(join(root, path)));
  const result = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(present),
    outdir: "dist",
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "node",
    target: `node${oldestNode.join(".")}`,
    format: "esm",
    sourcemap: true,
    sourcesContent: false,
    chunkNames: "[name]-[hash]",
    metafile: true,
    logLevel: "error",
  });
  dropOldChunks(new Set(Object.keys(result.metafile.outputs).map((path) => path.replace(/^dist\//, ""))));
}

const chunkLifeMs = 7 * 86_400_000;

function dropOldChunks(current) {
  for (const name of readdirSync(dist)) {
    const path = join(dist, name);
    if (current.has(name) || !/\.js(\.map)?$/.test(name)) continue;
    if (statSync(path).mtimeMs < statSync(join(dist, "main.js")).mtimeMs - chunkLifeMs) rmSync(path);
  }
}

async function buildDashboard() {
  const configFile = join(root, "dashboard", "vite.config.ts");
  if (!existsSync(configFile)) return;
  const { build } = await import("vite");
  await build({ configFile, logLevel: "error", mode: "production" });
}

async function build() {
  process.env.NODE_ENV = "production";
  mkdirSync(dist, { recursive: true });
  const stamp = stampOf();
  rmSync(stampPath, { force: true });
  await Promise.all([buildHouse(), buildDashboard()]);
  writeFileSync(stampPath, stamp);
}

/** In a process of its own: the tools of the build would stay in the bot's memory for as long as it runs. */
function buildElsewhere() {
  if (!existsSync(join(root, "node_modules", "esbuild"))) refuse("The packages are not installed. Run: npm install");
  process.stdout.write("Building once");
  const started = performance.now();
  const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), "--build-only"], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) refuse("\nThe build failed; the lines above say why.");
  process.stdout.write(` (${((performance.now() - started) / 1000).toFixed(1)} s)\n`);
}

async function run() {
  const isOther = ["practice", "emergency", "watchdog"].includes(process.argv[2]);
  const name = isOther ? process.argv[2] : "main";
  const entry = join(dist, `${name}.js`);
  if (!existsSync(entry)) refuse(`${entries[name]} is missing, so there is nothing to start.`);
  process.setSourceMapsEnabled(true);
  const module = await import(pathToFileURL(entry).href);
  // Both hand back their exit code when they are done; whatever socket is still open then keeps nobody waiting.
  const code = await module.main(process.argv.slice(isOther ? 3 : 2), process.env);
  process.exit(code);
}

checkNode();
if (process.argv.includes("--build-only")) {
  // The tools have shown file and line already; their stack would only hide it.
  await build().catch((error) => refuse(String(error.message).split("\n")[0]));
} else {
  const isSecond = process.argv[2] === "emergency" || process.argv[2] === "watchdog";
  const mustNotWait = isSecond && existsSync(join(dist, `${process.argv[2]}.js`));
  if (!mustNotWait && existsSync(join(root, "src")) && !isFresh(stampOf())) buildElsewhere();
  await run();
}
