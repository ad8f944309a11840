// How long a network takes to be made: 1,000 times a namespace, a veth pair from there to one of ten bridges, an address,
// both ends up. Here by netlink messages, one request at a time as `ip` sends them; beside it the real kernel, asked by
// `ip -batch`. With and without IPv6, whose autoconfiguration over one bridge grows with the square of the hosts.

import { Lab } from "./embedded-lab.ts";
import type { Place } from "./embedded-lab.ts";
import { inOwnNamespaces, realKernelMissing } from "../real-kernel.ts";
import { median, row, skipped } from "./row.ts";
import type { Row } from "./row.ts";

const HOSTS = 1000;
const BRIDGES = 10;
const ROUNDS = 5;
const TARGET = 20;

interface Network {
  readonly lab: Lab;
  readonly hosts: readonly Place[];
  readonly seconds: number;
}

/** 10.0.0.1 and up. */
function address(index: number): Uint8Array {
  const number = index + 1;
  return Uint8Array.of(10, number >> 16, (number >> 8) & 0xff, number & 0xff);
}

/** Makes the network on a new embedded system. Writing the sysctl that disables IPv6 is not counted. */
export function buildNetwork(count: number, ipv6: boolean): Network {
  const lab = new Lab();
  const { host } = lab;
  if (!ipv6) host.disableIpv6();
  const start = performance.now();
  const bridges = Array.from({ length: BRIDGES }, (_, index) => host.addBridge(`br${index}`));
  const hosts = Array.from({ length: count }, (_, index) => lab.addNetns(`n${index}`));
  let uncounted = 0;
  if (!ipv6) {
    const pause = performance.now();
    for (const place of hosts) place.disableIpv6();
    uncounted = performance.now() - pause;
  }
  for (const [index, place] of hosts.entries()) {
    host.addCable(`v${index}`, "eth0", place);
    host.setUp(`v${index}`, bridges[index % BRIDGES]);
  }
  for (const [index, place] of hosts.entries()) {
    place.addAddress("eth0", address(index));
    place.setUp("eth0");
  }
  return { lab, hosts, seconds: (performance.now() - start - uncounted) / 1000 };
}

/** The same with `ip -batch`. Prints the microseconds of the counted steps; ends by deleting all links at once. */
const REAL = `
now() { echo "\${EPOCHREALTIME/./}"; }
quiet() { for place in all default; do echo 1 > /proc/sys/net/ipv6/conf/$place/disable_ipv6; done; }
cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT
for ((i = 0; i < BRIDGES; i++)); do echo "link add br$i type bridge"; echo "link set br$i up"; done > bridges
for ((i = 0; i < HOSTS; i++)); do echo "netns add n$i"; done > spaces
for ((i = 0; i < HOSTS; i++)); do
  echo "link add v$i type veth peer name eth0 netns n$i"
  echo "link set v$i master br$((i % BRIDGES)) up"
  printf 'address add 10.%d.%d.%d/8 dev eth0\\nlink set eth0 up\\n' $(((i + 1) >> 16)) $(((i + 1) >> 8 & 255)) $(((i + 1) & 255)) > host$i
done > links
[ "$IPV6" = 1 ] || quiet
a=$(now)
ip -batch bridges && ip -batch spaces || exit 1
b=$(now)
if [ "$IPV6" != 1 ]; then for ((i = 0; i < HOSTS; i++)); do nsenter --net=/run/netns/n$i bash -c "$(declare -f quiet); quiet"; done; fi
c=$(now)
ip -batch links || exit 1
for ((i = 0; i < HOSTS; i++)); do ip -n n$i -batch host$i || exit 1; done
d=$(now)
echo $((b - a + d - c))
for ((i = 0; i < HOSTS; i++)); do echo "link set v$i group 7"; done > groups
ip -batch groups && ip link delete group 7
`;

/** Seconds of each round, the first one with a compiler that has yet to learn included. */
function rounds(count: number, ipv6: boolean): number[] {
  return Array.from({ length: count }, () => buildNetwork(HOSTS, ipv6).seconds);
}

export async function build(): Promise<Row[]> {
  const missing = realKernelMissing();
  const rows: Row[] = [];
  for (const ipv6 of [false, true]) {
    const name = `build ${HOSTS} namespaces, ${ipv6 ? "IPv6 on" : "IPv6 off"}`;
    if (missing !== undefined) {
      rows.push(row({ name, value: median(rounds(ROUNDS, ipv6)), unit: "s" }));
      rows.push(skipped(`${name}, real kernel`, missing));
      continue;
    }
    // Half before and half after the reference, so that what else the machine does meets both.
    const before = rounds(ROUNDS, ipv6);
    const real = await inOwnNamespaces(REAL, { HOSTS, BRIDGES, IPV6: ipv6 ? 1 : 0 });
    const times = [...before, ...rounds(ROUNDS, ipv6)];
    rows.push(
      row({
        name,
        value: median(times),
        unit: "s",
        than: { what: "ip -batch on the real kernel", value: Number(real.trim()) / 1e6 },
        better: "less",
        target: TARGET,
      }),
    );
  }
  return rows;
}
