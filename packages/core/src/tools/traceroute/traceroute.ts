// traceroute 2.1.2 (Dmitry Butskoy's): the routers on the way to a host, by probes whose time to live runs out on the way.

import type { Process } from "../../system/process.ts";
import { Ipv4OptionType } from "../../wire/ipv4-options.ts";
import type { ResolvedHost } from "../resolver/hosts.ts";
import { methodFor } from "./methods.ts";
import type { TraceOptions } from "./options.ts";
import { findAddress, readTraceOptions, refuse } from "./options.ts";
import { Trace } from "./trace.ts";

/** Bytes behind the IP header, unless a length is given. */
const DATA_LENGTH = 40;
const IP_HEADER = { inet: 20, inet6: 40 } as const;
const MOST_GATEWAYS = 8;

export async function traceroute(process: Process): Promise<number> {
  const options = readTraceOptions(process);
  const host = options.target;
  const route = sourceRoute(process, options, host);
  const method = methodFor(process, options, host, route);
  const headerLength = IP_HEADER[host.family] + (route?.length ?? 0) + method.headerLength;
  const { packetLength } = options;
  let dataLength = packetLength < 0 ? DATA_LENGTH - method.headerLength : packetLength - headerLength;
  dataLength = Math.max(dataLength, 0);
  // An echo request has a header of its own in there.
  if (options.method === "icmp") dataLength = Math.max(dataLength, 8);
  method.prepare();
  await new Trace(process, options, host, method, headerLength, dataLength).run();
  return 0;
}

/** A loose source route through the gateways (RFC 791, 3.1); undefined without any. */
function sourceRoute(process: Process, options: TraceOptions, host: ResolvedHost): Uint8Array | undefined {
  const { gateways } = options;
  if (gateways.length === 0) return undefined;
  if (host.family === "inet6") refuse(process, "routing headers are not supported");
  if (gateways.length > MOST_GATEWAYS)
    refuse(process, `Too many gateways specified. No more than ${MOST_GATEWAYS}`);
  const hops: Uint8Array[] = [];
  for (const gateway of gateways) {
    const found = findAddress(process, gateway, "inet");
    if (found === undefined) refuse(process, "");
    hops.push(found.address);
  }
  hops.push(host.address);
  const bytes = new Uint8Array(4 + 4 * hops.length);
  bytes.set([Ipv4OptionType.NO_OPERATION, Ipv4OptionType.LOOSE_SOURCE_ROUTE, 3 + 4 * hops.length, 4]);
  hops.forEach((address, index) => bytes.set(address, 4 + 4 * index));
  return bytes;
}
