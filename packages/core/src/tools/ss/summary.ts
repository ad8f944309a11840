// `ss -s`: numbers of sockets, from /proc/net/sockstat, sockstat6 and snmp.

import type { Process } from "../../system/process.ts";
import { readText } from "../resolver/databases.ts";

/** Values by `NAME: key`, of one file. */
function values(process: Process, path: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const line of (readText(process, path) ?? "").split("\n")) {
    const [name = "", ...rest] = line.split(" ");
    for (let at = 0; at + 1 < rest.length; at += 2) found.set(`${name} ${rest[at]}`, Number(rest[at + 1]));
  }
  return found;
}

/** Connections that are established: the kernel counts them in /proc/net/snmp. */
function established(process: Process): number {
  const lines = new TextDecoder()
    .decode(process.files.readFile("/proc/net/snmp"))
    .split("\n")
    .filter((line) => line.startsWith("Tcp:"));
  const at = lines[0]?.split(" ").indexOf("CurrEstab") ?? -1;
  return Number(lines[1]?.split(" ")[at] ?? 0);
}

export function printSummary(process: Process): void {
  const v4 = values(process, "/proc/net/sockstat");
  const v6 = values(process, "/proc/net/sockstat6");
  const of = (name: string): number => v4.get(name) ?? v6.get(name) ?? 0;
  const hashed = of("TCP: inuse") + of("TCP6: inuse");
  const waiting = of("TCP: tw");
  const total = of("TCP: alloc");
  const row = (name: string, ip: number, ip6: number): string =>
    `${name}\t  ${[ip + ip6, ip, ip6].map((value) => String(value).padEnd(9)).join(" ")}\n`;
  const raw = [of("RAW: inuse"), of("RAW6: inuse")] as const;
  const udp = [of("UDP: inuse"), of("UDP6: inuse")] as const;
  const tcp = [of("TCP: inuse"), of("TCP6: inuse")] as const;
  process.print(
    `Total: ${of("sockets: used")}\n` +
      `TCP:   ${total + waiting} (estab ${established(process)}, closed ${total - (hashed - waiting)}, ` +
      `orphaned ${of("TCP: orphan")}, timewait ${waiting})\n\n` +
      "Transport Total     IP        IPv6\n" +
      row("RAW", ...raw) +
      row("UDP", ...udp) +
      row("TCP", ...tcp) +
      row("INET", raw[0] + udp[0] + tcp[0], raw[1] + udp[1] + tcp[1]) +
      `${row("FRAG", of("FRAG: inuse"), of("FRAG6: inuse"))}\n`,
  );
}
