// `patchcord attach`: real programs in a namespace of this machine talk with an embedded lab, and back.

import { spawn } from "node:child_process";
import { afterAll, expect, test } from "vitest";
import { Command } from "../cli/command.ts";
import { packageMissing, realKernelMissing, WAITING } from "../real-kernel.ts";

const missing =
  packageMissing("iputils-ping", "/usr/bin/ping") ??
  packageMissing("iputils-arping", "/usr/bin/arping") ??
  packageMissing("socat", "/usr/bin/socat") ??
  realKernelMissing();
if (missing !== undefined) console.log(`attach: not tested, ${missing}`);
const command = new Command();
afterAll(() => command.remove());

/** Echoes what UDP port 7 of the lab gets, and pings the machine until it answers. */
const LAB = `
ip netns add red
ip link add br0 type bridge; ip link set br0 up
ip link add v1 type veth peer name eth0 netns red; ip link set v1 master br0 up
ip -n red addr add 10.9.0.2/24 dev eth0; ip -n red link set eth0 up
ip tuntap add dev tap0 mode tap; ip link set tap0 master br0 up
(until ip netns exec red ping -c 1 -W 1 10.9.0.1 >/tmp/out 2>&1; do sleep 0.2; done; grep -c "bytes from 10.9.0.1" /tmp/out) &
(until ip netns exec red bash -c 'echo hello > /dev/udp/10.9.0.1/9000 && sleep 0.3' 2>/dev/null && [ -e /tmp/out ]; do sleep 0.2; done; while sleep 0.3; do ip netns exec red bash -c 'echo hello > /dev/udp/10.9.0.1/9000'; done) 2>/dev/null &
`;

const HOST = `${WAITING}
mount --make-rprivate / && mount -t tmpfs tmpfs /run && mount -t sysfs sysfs /sys && mkdir /run/netns && ip netns add host || exit 90
"$1" "$2" attach --lab "$3" --host host:patch0 >/run/lab 2>&1 & cable=$!
wait_until "ip -n host link show patch0"
ip -n host addr add 10.9.0.1/24 dev patch0; ip -n host link set patch0 up
ip netns exec host ping -c 3 -i 0.3 -W 5 10.9.0.2
ip netns exec host arping -c 2 -w 5 -I patch0 10.9.0.2
timeout 30 ip netns exec host socat -u UDP-RECVFROM:9000 STDOUT
echo "from the host" | ip netns exec host socat -t 1 - UDP:10.9.0.2:7 2>&1 | head -1
wait_until "grep -x 1 /run/lab"
kill $cable; wait $cable; cat /run/lab
ip -n host -br link
`;

/** Names that are no TAP or of no namespace, then one that goes away; "$1" "$2" is the command, "$3" the lab. */
const WRONG = `${WAITING}
mount --make-rprivate / && mount -t tmpfs tmpfs /run && mkdir /run/netns && ip netns add red && ip link add br0 type bridge || exit 90
for host in br0 nobody:tap0 bad/name; do "$1" "$2" attach --lab "$3" --host "$host"; echo "exit $?"; done
"$1" "$2" attach --lab "$3" --host red:patch0 >/run/lab 2>&1 & cable=$!
wait_until "grep plugged /run/lab"
ip -n red link del patch0
wait $cable; echo "exit $?"; cat /run/lab
ls /run/patchcord
`;

/** What a script for bash says in a network and a mount namespace of its own; "$3" is the lab's script. */
async function inNamespaces(script: string, lab: string): Promise<string> {
  const namespaces = ["-n", "-m", "-p", "-f", "--mount-proc"];
  const words = [...namespaces, "bash", "--norc", "-c", script, "host", process.execPath, command.main, lab];
  return await new Promise<string>((resolve, reject) => {
    const child = spawn("unshare", words, { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
    child.on("error", reject);
    child.on("close", () => resolve(text));
  });
}

test(
  "what is no TAP, and a TAP that goes, are told in a line, and nothing is left",
  { skip: missing !== undefined, timeout: 120_000 },
  async () => {
    const lab = command.script("empty.sh", "ip tuntap add dev tap0 mode tap\n");
    expect(await inNamespaces(WRONG, lab)).toBe(
      [
        "patchcord: br0 on this machine: Invalid argument (no TAP has this name)",
        "exit 1",
        "patchcord: nobody:tap0 on this machine: there is no namespace nobody",
        "exit 1",
        "patchcord: bad/name on this machine: Invalid argument (no name of a device)",
        "exit 1",
        "exit 1",
        "red:patch0 on this machine is plugged into tap0 in the lab. Ctrl-C ends.",
        "patchcord: red:patch0 on this machine is gone",
        "",
      ].join("\n"),
    );
  },
);

test(
  "ping, arping and UDP reach a lab through a TAP, and come back",
  { skip: missing !== undefined, timeout: 300_000 },
  async () => {
    const lab = command.script("lab.sh", LAB);
    const output = await inNamespaces(HOST, lab);
    expect(output).toContain("host:patch0 on this machine is plugged into tap0 in the lab");
    expect(output).toMatch(/64 bytes from 10\.9\.0\.2: icmp_seq=3 ttl=64/);
    expect(output).toContain("3 packets transmitted, 3 received, 0% packet loss");
    expect(output).toContain("Received 2 response(s)");
    expect(output).toMatch(/^1$/m); // the lab's ping of the machine
    expect(output).toMatch(/^hello$/m); // the lab's datagram, with socat on the machine
    expect(output).toContain("Connection refused"); // nobody has port 7 of the lab: its ICMP error came back
    expect(output).not.toMatch(/^patch0/m); // the TAP went with the cable
  },
);
