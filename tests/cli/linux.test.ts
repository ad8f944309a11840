// `--system linux`: scripts on the real kernel, in network and mount namespaces of their own.

import { spawnSync } from "node:child_process";
import { afterAll, describe, expect, test } from "vitest";
import { realKernelMissing } from "../real-kernel.ts";
import { Command } from "./command.ts";

const command = new Command();
afterAll(() => command.remove());
const missing = realKernelMissing();
if (missing !== undefined) console.log(`run --system linux: not tested, ${missing}`);

/** Runs a script as root of new namespaces with an empty /run and their own /sys. */
function runApart(
  script: string,
  wrapper: readonly string[] = [],
): { stdout: string; stderr: string; code: number } {
  const path = command.script("apart.sh", script);
  const prepare = 'mount -t tmpfs tmpfs /run && mount -t sysfs sysfs /sys && exec "$0" "$@"';
  const { stdout, stderr, status } = spawnSync(
    "unshare",
    [
      "-n",
      "-m",
      "sh",
      "-c",
      prepare,
      ...wrapper,
      process.execPath,
      command.main,
      "run",
      "--system",
      "linux",
      path,
    ],
    { encoding: "utf8", timeout: 60_000 },
  );
  return { stdout, stderr, code: status ?? -1 };
}

describe.skipIf(missing !== undefined)("run --system linux", () => {
  test("the first network, with ping over it", () => {
    const { stdout, stderr, code } = runApart(`
      set -e
      ip netns add ns1; ip netns add ns2
      ip link add veth1 netns ns1 type veth peer name veth2 netns ns2
      ip -n ns1 addr add 10.0.0.1/24 dev veth1; ip -n ns1 link set veth1 up
      ip -n ns2 addr add 10.0.0.2/24 dev veth2; ip -n ns2 link set veth2 up
      ip netns exec ns1 ping -c 2 -i 0.2 10.0.0.2
      ip netns list
      ip -n ns1 -br link show veth1
      ip netns exec ns2 ls /sys/class/net
      ip netns del ns1
      ls /run/netns
    `);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toContain("2 packets transmitted, 2 received");
    expect(stdout).toMatch(/^ns2\nns1\n/m);
    expect(stdout).toMatch(/^veth1@if\d+ +UP/m);
    expect(stdout).toMatch(/^lo\nveth2\nns2\n$/m);
  });

  test("programs that we do not have are the machine's", () => {
    const { stdout, code } = runApart(
      "unshare -n -m /bin/sh -c 'echo $0'; ip netns add n; ip netns exec n uname -s",
    );
    expect({ stdout, code }).toEqual({ stdout: "/bin/sh\nLinux\n", code: 0 });
  });

  test("without the rights for it, one line says what to do", () => {
    const { stdout, stderr, code } = runApart("ip link", [
      "setpriv",
      "--bounding-set=-all",
      "--inh-caps=-all",
      "--",
    ]);
    expect({ stdout, code }).toEqual({ stdout: "", code: 77 });
    expect(stderr).toMatch(/^patchcord: the real kernel needs root .* --rootless .*\n$/);
  });
});
