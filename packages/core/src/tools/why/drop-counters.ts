// What a system that tells no reasons of drops counts of them all the same, as a real kernel: errors and drops of each device
// (/proc/net/dev), and those counters of the network layers that stand for packets that ended (/proc/net/snmp, netstat, snmp6;
// Linux Documentation/networking/snmp_counter.rst).

import type { PlaceState } from "./network-state.ts";

type Counting = Pick<PlaceState, "name" | "procNet">;

export interface DropCounter {
  /** Name of the namespace. */
  readonly namespace: string;
  readonly device: string | undefined;
  /** As the kernel calls it. */
  readonly name: string;
  readonly count: number;
  readonly text: string;
}

/** Columns of /proc/net/dev after the name that tell of losses. */
const DEVICE_COLUMNS: readonly (readonly [column: number, name: string, text: string])[] = [
  [2, "rx_errors", "bad frames came in"],
  [3, "rx_dropped", "frames came in that nobody took or for which there was no room"],
  [10, "tx_errors", "frames could not be sent"],
  [11, "tx_dropped", "frames were dropped on their way out"],
  [14, "tx_carrier", "frames could not be sent for want of a carrier"],
];

const COUNTERS: Readonly<Record<string, string>> = {
  "Ip.InHdrErrors": "bad IP headers, or the time to live ran out",
  "Ip.InAddrErrors": "packets for other hosts, and forwarding is off; or impossible addresses",
  "Ip.InUnknownProtos": "nobody takes their IP protocol",
  "Ip.InDiscards": "no room for them",
  "Ip.OutDiscards": "no room for them on the way out",
  "Ip.OutNoRoutes": "no route",
  "Ip.ReasmFails": "fragments that could not be put together",
  "Ip.FragFails": "too large, and they may not be cut",
  "IpExt.InNoRoutes": "no route for what is to be forwarded",
  "IpExt.InTruncatedPkts": "shorter than their headers say",
  "IpExt.InCsumErrors": "wrong IP checksum",
  "Icmp.InErrors": "bad ICMP messages",
  "Udp.NoPorts": "nobody listens at their UDP port",
  "Udp.InErrors": "bad UDP datagrams, or no room for them",
  "Udp.RcvbufErrors": "the receive buffers of UDP sockets were full",
  "TcpExt.IPReversePathFilter": "the way back to their source is not by that device (rp_filter)",
  "TcpExt.ListenOverflows": "queues of listening TCP sockets were full",
  "Ip6.InHdrErrors": "bad IPv6 headers, or the hop limit ran out",
  "Ip6.InTooBigErrors": "larger than the MTU of the way on",
  "Ip6.InNoRoutes": "no route",
  "Ip6.InAddrErrors": "impossible IPv6 addresses, or forwarding is off",
  "Ip6.InUnknownProtos": "nobody takes their protocol",
  "Ip6.InDiscards": "IPv6 packets that were refused",
  "Ip6.OutDiscards": "IPv6 packets that could not be sent",
  "Ip6.OutNoRoutes": "no route",
};

function ofDevices(place: Counting): DropCounter[] {
  return (place.procNet("dev") ?? "").split("\n").flatMap((line): DropCounter[] => {
    const [, device = "", rest = ""] = /^\s*(\S+):\s*(.*)$/.exec(line) ?? [];
    const columns = rest.split(/\s+/);
    return DEVICE_COLUMNS.flatMap(([column, name, text]) => {
      const count = Number(columns[column] ?? 0);
      return count > 0 ? [{ namespace: place.name, device, name, count, text }] : [];
    });
  });
}

/** Counters by name: a line of names, then one of numbers; of IPv6 one a line. */
function* counters(place: Counting): Generator<readonly [string, number]> {
  for (const file of ["snmp", "netstat"]) {
    const lines = (place.procNet(file) ?? "").split("\n");
    for (let at = 0; at + 1 < lines.length; at += 2) {
      const [group = "", ...names] = (lines[at] ?? "").split(" ");
      const [, ...numbers] = (lines[at + 1] ?? "").split(" ");
      for (const [index, name] of names.entries())
        yield [`${group.replace(":", "")}.${name}`, Number(numbers[index] ?? 0)];
    }
  }
  for (const line of (place.procNet("snmp6") ?? "").split("\n")) {
    const [name = "", number = "0"] = line.trim().split(/\s+/);
    yield [name.replace(/^Ip6/, "Ip6."), Number(number)];
  }
}

function ofLayers(place: Counting): DropCounter[] {
  return [...counters(place)].flatMap(([name, count]): DropCounter[] => {
    const text = Object.hasOwn(COUNTERS, name) ? COUNTERS[name] : undefined;
    return text === undefined || count === 0
      ? []
      : [{ namespace: place.name, device: undefined, name, count, text }];
  });
}

export function dropCounters(places: readonly Counting[]): DropCounter[] {
  return places.flatMap((place) => [...ofDevices(place), ...ofLayers(place)]);
}
