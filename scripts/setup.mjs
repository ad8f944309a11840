// Installs the packages of the lock file when they are missing or not the ones that it names, and is otherwise done
// in a few milliseconds. It is plain JavaScript on Node alone, because it runs before anything is installed.
// What is installed is read from node_modules/.package-lock.json, which npm writes at the end of an installation;
// an interrupted installation therefore counts as none.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const oldestNode = [20, 19];

function packagesOf(path) {
  return JSON.parse(readFileSync(path, "utf8")).packages ?? {};
}

/** Why an installation is needed, or undefined when the installed packages are those of the lock file. */
function missing() {
  const installedLock = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installedLock)) return "no packages are installed";
  const wanted = packagesOf(join(root, "package-lock.json"));
  const installed = packagesOf(installedLock);
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.includes("node_modules/")) continue;
    const present = installed[path];
    if (present === undefined) {
      if (entry.optional || entry.devOptional || entry.peer) continue;
      return `${path} is missing`;
    }
    if (present.version !== entry.version || present.integrity !== entry.integrity)
      return `${path} is out of date`;
    if (!existsSync(join(root, path))) return `${path} is gone`;
  }
  return undefined;
}

function install() {
  const npm = process.env.npm_execpath;
  const arguments_ = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const options = { cwd: root, stdio: ["ignore", "pipe", "pipe"] };
  const child = npm
    ? spawn(process.execPath, [npm, ...arguments_], options)
    : spawn("npm", arguments_, { ...options, shell: process.platform === "win32" });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ code: 1, output: String(error) }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
  console.error(`Patchcord needs Node ${oldestNode.join(".")} or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

const reason = missing();
if (reason !== undefined) {
  const announce = setTimeout(() => console.error(`Setting up (npm ci): ${reason} ...`), 1000);
  const { code, output } = await install();
  clearTimeout(announce);
  if (code !== 0) {
    console.error(output.trimEnd());
    console.error(`Setting up failed: npm ci exited with ${code}.`);
    process.exit(1);
  }
}
