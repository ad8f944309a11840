// `--rootless`: the real kernel for a user without any rights, and the one line of a machine that forbids it.

import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Command, root } from "../cli/command.ts";
import { realKernelMissing } from "../real-kernel.ts";

const command = new Command();
/** A bundle that everybody may read, with koffi beside it. */
const place = mkdtempSync(join(tmpdir(), "patchcord-rootless-"));
afterAll(() => {
  command.remove();
  rmSync(place, { recursive: true, force: true });
});
cpSync(dirname(command.main), place, { recursive: true });
mkdirSync(join(place, "node_modules"));
for (const name of ["koffi", "@koromix"]) {
  const from = join(root, "node_modules", name);
  if (existsSync(from)) cpSync(from, join(place, "node_modules", name), { recursive: true });
}
const script = join(place, "lab.sh");
writeFileSync(
  script,
  `ip netns add a; ip link add v type veth peer name w netns a
ip addr add 10.0.0.1/24 dev v; ip link set v up; ip -n a addr add 10.0.0.2/24 dev w; ip -n a link set w up
ping -c 1 -W 3 10.0.0.2 | grep received; ip netns; ip link add br0 type bridge; ip link set v master br0; brctl show br0 | tail -1 | cut -f1`,
);
chmodSync(place, 0o755);

const NOBODY = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
const probe = spawnSync("setpriv", [...NOBODY, "unshare", "-Urnm", "true"], { encoding: "utf8" });
const missing =
  realKernelMissing() ?? (probe.status === 0 ? undefined : `no user namespaces for users (${probe.stderr})`);
if (missing !== undefined) console.log(`--rootless: not tested, ${missing}`);

function run(words: readonly string[]): { stdout: string; stderr: string; status: number | null } {
  const [program = "", ...args] = words;
  return spawnSync(program, args, {
    encoding: "utf8",
    timeout: 300_000,
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C", HOME: "/" },
  });
}

const rootless = [process.execPath, join(place, "main.js"), "run", "--rootless", script];

test(
  "a scan by a user names what it may not read, and a /proc that hides processes",
  { skip: missing !== undefined },
  () => {
    const hide = `mount --make-rprivate / && mount -t tmpfs tmpfs /run && mkdir /run/netns && ip netns add red || exit 90
    mount -o remount,hidepid=2 /proc; setpriv ${NOBODY.join(" ")} "$@"; exit $?`;
    const { stdout, stderr, status } = run([
      ..."unshare -n -m -p -f --mount-proc bash --norc -c".split(" "),
      hide,
      "hide",
      process.execPath,
      join(place, "main.js"),
      "scan",
    ]);
    expect(stdout).toMatch(/netns red .*\n.*not read: Operation not permitted\n/);
    expect(stdout).toContain(
      "not read: processes of others: /proc hides them (hidepid; root may see them)\n",
    );
    expect([stderr, status]).toEqual(["", 1]);
  },
);

describe.skipIf(missing !== undefined)("--rootless", { timeout: 180_000 }, () => {
  test("a user without rights has a network of the real kernel", () => {
    const { stdout, stderr, status } = run(["setpriv", ...NOBODY, ...rootless]);
    expect(stdout).toMatch(/^1 packets transmitted, 1 received, .*\na \(id: 0\)\nbr0\n$/);
    expect([stderr, status]).toEqual(["", 0]);
  });

  test("where user namespaces are off, one line says so and how to go on", () => {
    const forbid = 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"';
    const { stdout, stderr, status } = run(["unshare", "-Ur", "bash", "-c", forbid, "forbid", ...rootless]);
    expect([stdout, status]).toEqual(["", 77]);
    expect(stderr).toMatch(
      /^patchcord: --rootless cannot work here: user namespaces are off \(sysctl .*\); or run as root .*\n$/,
    );
  });
});
