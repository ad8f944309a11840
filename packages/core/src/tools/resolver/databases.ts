// Rows of the databases in /etc, as getservbyname(3) and its kin find them: services, protocols, networks, ethers.

import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";

/** Text of a file; undefined if it cannot be read. */
export function readText(process: Process, path: string): string | undefined {
  try {
    return new TextDecoder().decode(process.files.readFile(path));
  } catch (refusal) {
    if (refusal instanceof Refusal) return undefined;
    throw refusal;
  }
}

/** The lines of a file with comments removed, as fields; none if there is no such file. */
export function hostFileFields(process: Process, path: string): string[][] {
  return (readText(process, path) ?? "")
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter((line) => line !== "")
    .map((line) => line.split(/\s+/));
}

/** getservbyname(3). */
export function servicePort(process: Process, name: string, transport: string): number | undefined {
  for (const [service, place = "", ...aliases] of hostFileFields(process, "/etc/services")) {
    const [port, by] = place.split("/");
    if (by === transport && (service === name || aliases.includes(name))) return Number(port);
  }
  return undefined;
}

/** getservbyport(3). */
export function serviceName(process: Process, port: number, transport: string): string | undefined {
  return hostFileFields(process, "/etc/services").find(([, place]) => place === `${port}/${transport}`)?.[0];
}

/** getprotobyname(3). */
export function protocolNumber(process: Process, name: string): number | undefined {
  const line = hostFileFields(process, "/etc/protocols").find(
    ([first, , ...aliases]) => first === name || aliases.includes(name),
  );
  return line?.[1] === undefined ? undefined : Number(line[1]);
}

/** getprotobynumber(3). */
export function protocolName(process: Process, number: number): string | undefined {
  return hostFileFields(process, "/etc/protocols").find(([, value]) => value === String(number))?.[0];
}
