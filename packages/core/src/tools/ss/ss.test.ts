// ss, nc and mount on an embedded host: sockets of programs, what filters leave of them, and mounts that a namespace has for itself.

import { expect, test } from "vitest";
import { runEmbedded as run } from "../testing/run-embedded.ts";

const LAB = `ip link add va type veth peer name vb
ip netns add x; ip link set vb netns x; ip addr add 10.0.0.1/24 dev va; ip -n x addr add 10.0.0.2/24 dev vb
ip link set va up; ip -n x link set vb up; ip netns exec x nc -u -l 5000 > got & sleep 0.1
`;

test("a datagram socket listens, and is connected by the first datagram", async () => {
  const text = await run(
    `${LAB}ip netns exec x ss -uan; echo hello | nc -u -w1 10.0.0.2 5000; cat got; ip netns exec x ss -un | grep -c 10.0.0.1`,
  );
  expect(text).toBe(
    "State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n" +
      "UNCONN 0      0            0.0.0.0:5000      0.0.0.0:*          \n" +
      "hello\n1\n",
  );
});

test.each([
  ["sport = :5000", 1],
  ["sport != :5000", 0],
  ["sport > :4000 and sport < :6000", 1],
  ["not dport = :7", 1],
  ["dst 10.0.0.0/8 or src 0.0.0.0", 1],
  ["( sport = :1 or sport = :5000 ) and src 10.0.0.0/8", 0],
  ["autobound", 0],
])("of one socket on port 5000 the filter '%s' leaves %d", async (filter, count) => {
  expect(await run(`${LAB}ip netns exec x ss -Huan '${filter}' | wc -l`)).toBe(`${count}\n`);
});

test("programs are found by what they have open", async () => {
  const text = await run(`${LAB}ip netns exec x ss -Hulnp | grep -o 'users.*'`);
  expect(text).toMatch(/^users:\(\("nc",pid=\d+,fd=3\)\)\n$/);
});

test("a socket that ss ends has its program fail", async () => {
  const text = await run(
    `${LAB}ip netns exec x ss -HKuan >k; wait %1; echo $?; ip netns exec x ss -Huan | wc -l`,
  );
  expect(text).toBe("1\n0\n");
});

test("unix sockets are shown in the namespace that they were made in", async () => {
  const text = await run(
    `ip netns add x; ip netns exec x nc -U -l /tmp/s & sleep 0.1
ss -Hxl | grep -c /tmp/s; ip netns exec x ss -Hxl | grep -c .; ip netns exec x ss -Hxl | grep -c /tmp/s`,
  );
  expect(text).toBe("0\n1\n1\n");
});

test("mistakes are worded as by the original", async () => {
  expect(await run("ss state foo; ss sport = :nosuch; ss dev nosuch; ss -N nosuch; echo $?")).toBe(
    "ss: wrong state name: foo\n" +
      'Error: "nosuch" does not look like a port.\nCannot parse dst/src address.\n' +
      "Cannot parse device.\n" +
      'Cannot open network namespace "nosuch": No such file or directory\n1\n',
  );
});

test("a mount is seen by its mount namespace only; sysfs shows the namespace that it was mounted in", async () => {
  const text = await run(
    `ip netns add x; ip -n x link add d0 type dummy; mkdir s
ip netns exec x unshare -m sh -c 'mount -t sysfs none s && ls s/class/net; mountpoint s'; mountpoint s; ls s
mount -t tmpfs t s && echo 1 > s/f && umount s; ls s; umount s; mount --bind /proc/self/ns/net s`,
  );
  expect(text).toBe(
    "bonding_masters\nd0\nlo\ns is a mountpoint\ns is not a mountpoint\numount: s: not mounted.\n" +
      "mount: /tmp/s: mount(2) system call failed: Not a directory.\n" +
      "       dmesg(1) may have more information after failed mount system call.\n",
  );
});
