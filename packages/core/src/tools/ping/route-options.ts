// IPv4 options that ping sends: record route (-R), timestamps (-T), a loose or strict source route (several destinations).

import { Ipv4OptionType } from "../../wire/ipv4-options.ts";
import type { PingOptions } from "./options.ts";

const ROUTE_SLOTS = 9;
const FIRST_SLOT = 4;
const FLAGS = { tsonly: 0, tsandaddr: 1, tsprespec: 3 } as const;

/** Bytes for IP_OPTIONS, with what ping calls them if they are refused; undefined for none. */
export function routeOptions(
  options: PingOptions,
  route: readonly Uint8Array[],
): { readonly bytes: Uint8Array; readonly name: string } | undefined {
  if (options.recordRoute) {
    const bytes = new Uint8Array(4 + 4 * ROUTE_SLOTS);
    bytes.set([Ipv4OptionType.NO_OPERATION, Ipv4OptionType.RECORD_ROUTE, bytes.length - 1, FIRST_SLOT]);
    return { bytes, name: "record route" };
  }
  if (options.timestamp !== undefined) {
    const length =
      options.timestamp === "tsonly" ? 40 : options.timestamp === "tsandaddr" ? 36 : 4 + route.length * 8;
    const bytes = new Uint8Array(length);
    bytes.set([Ipv4OptionType.TIMESTAMP, length, FIRST_SLOT + 1, FLAGS[options.timestamp]]);
    if (options.timestamp === "tsprespec")
      route.forEach((address, index) => bytes.set(address, 4 + index * 8));
    return { bytes, name: "ts option" };
  }
  if (route.length === 0) return undefined;
  const bytes = new Uint8Array(4 + 4 * route.length);
  const type = options.dontRoute ? Ipv4OptionType.STRICT_SOURCE_ROUTE : Ipv4OptionType.LOOSE_SOURCE_ROUTE;
  bytes.set([Ipv4OptionType.NO_OPERATION, type, 3 + 4 * route.length, FIRST_SLOT]);
  route.forEach((address, index) => bytes.set(address, 4 + index * 4));
  return { bytes, name: "record route" };
}
