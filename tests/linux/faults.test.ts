// What goes wrong on a real machine: clear words, no hang, nothing left.

import { afterAll, describe, expect, test } from "vitest";
import { Command } from "../cli/command.ts";
import { packageMissing, realKernelMissing } from "../real-kernel.ts";
import { apart } from "./run-apart.ts";

const command = new Command();
afterAll(() => command.remove());
const missing = realKernelMissing();
if (missing !== undefined) console.log(`faults on the real kernel: not tested, ${missing}`);

const run = 'patchcord run --system linux "$SCRIPT"';

describe.skipIf(missing !== undefined)("on the real kernel", { timeout: 120_000 }, () => {
  test("a namespace that vanishes under a program", () => {
    const { stdout, stderr, code } = apart(
      command,
      `ip netns add gone; ${run}`,
      `ip netns exec gone bash -c '/sbin/ip netns del gone; ip link | grep -c lo; ip netns exec gone true'
       ip -n gone link; ip netns`,
    );
    expect(stdout).toBe("2\n"); // it lives as long as the shell in it; "loopback" stands on two lines
    expect(stderr).toBe('Cannot open network namespace "gone": No such file or directory\n'.repeat(2));
    expect(code).toBe(0);
  });

  test("a device that is renamed meanwhile is no other device", () => {
    const { stderr } = apart(
      command,
      `ip link add old type bridge; ${run}`,
      "/sbin/ip link set old name new; ip link set old up; ip -br link show new",
    );
    expect(stderr).toBe('Cannot find device "old"\n');
  });

  test("a bridge that is full", () => {
    const fill = `{ echo link add br0 type bridge; for n in $(seq 512); do echo link add a$n type veth peer name b$n; echo link set a$n master br0; echo link set b$n master br0; done; } | ip -batch - 2>/dev/null`;
    const { stdout, stderr } = apart(
      command,
      `${fill}; /sbin/ip link add x type veth peer name y; /sbin/ip link set x master br0; echo $?; ${run}`,
      "ip link set x master br0; echo $?; brctl addif br0 y; echo $?",
    );
    const [real, ours, brctl] = stdout.split("\\n").join("").split("\n");
    expect(ours).toBe(real);
    expect(brctl).toBe("1");
    const said = stderr.split("\n");
    expect(said[1]).toBe(said[0]);
  });

  test("a TAP in use", () => {
    const { stderr, code } = apart(
      command,
      `ip tuntap add dev t0 mode tap; ${run}`,
      "ip tuntap add dev t0 mode tap",
    );
    expect({ stderr, code }).toEqual({ stderr: "ioctl(TUNSETIFF): Device or resource busy\n", code: 1 });
  });

  test("a lab without a TAP of that name on a busy device", () => {
    const { stderr, code, took } = apart(
      command,
      'ip link add patch0 type bridge; patchcord attach --lab "$SCRIPT"',
      "true",
    );
    expect(stderr).toBe("patchcord: patch0 on this machine: Invalid argument\n");
    expect(code).toBe(1);
    expect(took).toBeLessThan(30);
  });

  const withSocat = packageMissing("socat", "/usr/bin/socat");
  test.skipIf(withSocat !== undefined)("a database of Open vSwitch that does not answer, or dies", () => {
    const silent = apart(
      command,
      "mkdir /run/openvswitch; socat UNIX-LISTEN:/run/openvswitch/db.sock,fork EXEC:'sleep 20' & s=$!; sleep 0.5; patchcord scan; c=$?; kill $s; exit $c",
    );
    expect(silent.stdout).toContain(
      "not read: Open vSwitch's database /var/run/openvswitch/db.sock: no answer",
    );
    expect(silent.code).toBe(1);
    const dying = apart(
      command,
      "mkdir /run/openvswitch; socat UNIX-LISTEN:/run/openvswitch/db.sock,fork EXEC:'head -c 1' >/dev/null & s=$!; sleep 0.5; patchcord scan; c=$?; kill $s; exit $c",
    );
    expect(dying.stdout).toMatch(
      /not read: Open vSwitch's database .*: (End of file|Broken pipe|Connection reset by peer)/,
    );
    const dead = apart(
      command,
      "mkdir /run/openvswitch; timeout 0.5 socat UNIX-LISTEN:/run/openvswitch/db.sock,unlink-close=0 STDOUT; patchcord scan",
    );
    expect(dead.stdout).toContain(
      "not read: Open vSwitch's database /var/run/openvswitch/db.sock: Connection refused",
    );
  });
});
