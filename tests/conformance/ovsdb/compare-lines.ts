// Lines for a shell that use the tools of OVSDB, each run by Debian's tools beside Debian's ovsdb-server and by ours beside
// ours in an embedded system. Nothing follows the database, unless a line starts a switch daemon.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lookupProgram } from "../../../packages/cli/src/programs.ts";
import { EmbeddedLines } from "../embedded-lines.ts";
import type { Result } from "../golden.ts";
import { lineEnvironment } from "../steps.ts";

export interface LineDifference {
  readonly line: string;
  readonly real: Result;
  readonly ours: Result;
}

const DIRECTORIES = "export OVS_RUNDIR=$PWD OVS_LOGDIR=$PWD OVS_DBDIR=$PWD OVS_SYSCONFDIR=$PWD";
const START = `${DIRECTORIES}
ovsdb-tool create conf.db schema || exit 90
ovsdb-server conf.db --remote=punix:db.sock --detach --no-chdir --pidfile --log-file -vconsole:off || exit 91
`;
const STOP = "ovs-appctl -t ovsdb-server exit";

/** A switch daemon has a network of its own where that may be. */
const APART = process.getuid?.() === 0 ? ["unshare", "-n"] : [];

const RUNNER = `ip link set lo up; cd $1; ${START}
i=0
while IFS= read -r line; do
  ( eval "$line" ) >$i.out 2>$i.err </dev/null; echo $? >$i.rc; i=$((i+1))
done <commands
${STOP}
true
`;

/** With the schema in a file. */
async function runReal(
  lines: readonly string[],
  schema: string,
): Promise<{ results: Result[]; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), "patchcord-lines-"));
  try {
    writeFileSync(join(folder, "commands"), `${lines.join("\n")}\n`);
    writeFileSync(join(folder, "schema"), schema);
    const env = Object.fromEntries(lineEnvironment());
    const status = await new Promise<number | null>((resolve, reject) => {
      const words = [...APART, "bash", "-c", RUNNER, "runner", folder];
      spawn("env", words, { stdio: "ignore", env }).on("error", reject).on("close", resolve);
    });
    if (status !== 0) throw new Error(`the real server did not start: ${status}`);
    const results = lines.map((_, index) => ({
      stdout: readFileSync(join(folder, `${index}.out`), "utf8"),
      stderr: readFileSync(join(folder, `${index}.err`), "utf8"),
      rc: Number(readFileSync(join(folder, `${index}.rc`), "utf8")),
    }));
    return { results, folder };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const OUR_FOLDER = "/tmp/lines";

async function runOurs(lines: readonly string[], schema: string): Promise<Result[]> {
  const ours = new EmbeddedLines({ profile: "linux-6.1", lookup: lookupProgram, startCost: 0, lineCost: 0 });
  await ours.run(
    `ip link set lo up; mkdir ${OUR_FOLDER}; cat > ${OUR_FOLDER}/schema <<'EOF'\n${schema}\nEOF`,
  );
  ours.cwd = OUR_FOLDER;
  const { rc, stderr } = await ours.run(START);
  if (rc !== 0) throw new Error(`our server did not start: ${stderr}`);
  const results: Result[] = [];
  for (const line of lines) results.push(await ours.run(`${DIRECTORIES}\n${line}`));
  return results;
}

function masked(text: string, folder: string): string {
  return text
    .replaceAll(folder, "FOLDER")
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uuid>")
    .replace(/row[0-9a-f]{8}_[0-9a-f]{4}_[0-9a-f]{4}_[0-9a-f]{4}_[0-9a-f]{12}/g, "<row>")
    .replace(/(?<=>)[0-9a-f]{8}(?=<\/a>)/g, "<short>")
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?/g, "<time>")
    .replace(/First (row.*?\.) {2}Second (row.*?\.)(?=")/g, (_, one: string, other: string) =>
      [one, other].sort().join(" and "),
    )
    .replace(/pid \d+/g, "pid N")
    .replace(/^(?:runner|bash): line \d+: .*\n/gm, "");
}

/** Where rows come in the order of their UUIDs, which are random: of these, lines and values are compared as a set. */
const ROWS = /(?<![\w-]|\$\()(?:list|find|show|dump|monitor\S*|transact|query|select|cat)(?![\w-])/;

function asSet(text: string): string {
  return text
    .split(/(?<=\n)|(?<=\]),(?=\[)/)
    .sort()
    .join("");
}

/** What was printed, but for what is random. */
function alike(line: string, real: Result, realFolder: string, ours: Result): boolean {
  if (real.rc !== ours.rc) return false;
  if (masked(real.stderr, realFolder) !== masked(ours.stderr, OUR_FOLDER)) return false;
  const [one, other] = [masked(real.stdout, realFolder), masked(ours.stdout, OUR_FOLDER)];
  return one === other || (ROWS.test(line) && asSet(one) === asSet(other));
}

export async function differingLines(lines: readonly string[], schema: string): Promise<LineDifference[]> {
  const { results: reals, folder } = await runReal(lines, schema);
  const ours = await runOurs(lines, schema);
  return lines.flatMap((line, index) => {
    const [real, our] = [reals[index], ours[index]];
    if (!real || !our) throw new Error("a line without a result");
    if (alike(line, real, folder, our)) return [];
    return [{ line, real, ours: our }];
  });
}

export function describeDifference({ line, real, ours }: LineDifference): string {
  const shown = ({ stdout, stderr, rc }: Result): string => `[${rc}]\n${stdout}${stderr}`;
  return `${line}\n--- real ${shown(real)}--- ours ${shown(ours)}`;
}

const SCRIPTS = join(import.meta.dirname, "scripts");

/** A file under scripts/, whose lines use a database of fruit.ovsschema. */
export function differencesOfScript(name: string): Promise<LineDifference[]> {
  const lines = readFileSync(join(SCRIPTS, `${name}.sh`), "utf8").split("\n");
  const schema = readFileSync(join(SCRIPTS, "fruit.ovsschema"), "utf8");
  return differingLines(
    lines.filter((line) => line !== "" && !line.startsWith("#")),
    schema,
  );
}
