/**
 * OpenFlow port numbers. We keep OpenFlow 1.0's 16-bit space, as Open vSwitch does: 1..0xfeff are ports, 0xff00..0xffff
 * have meanings of their own (OpenFlow 1.0, 5.2.1). OpenFlow 1.1 and later put the same meanings at 0xffffff00 and above.
 */

/** First number that is not a port. */
export const PORT_MAX = 0xff00;

export const Port = {
  /** OpenFlow 1.5: no output port set (matches actset_output). */
  UNSET: 0xfff7,
  IN_PORT: 0xfff8,
  TABLE: 0xfff9,
  NORMAL: 0xfffa,
  FLOOD: 0xfffb,
  ALL: 0xfffc,
  CONTROLLER: 0xfffd,
  LOCAL: 0xfffe,
  /** No port, or any port in a request. `ANY` since OpenFlow 1.1. */
  NONE: 0xffff,
} as const;

const OF11_OFFSET = 0xffff_0000;
const OF11_MAX = 0xffff_ff00;

const NAMES: ReadonlyMap<number, string> = new Map([
  [Port.UNSET, "UNSET"],
  [Port.IN_PORT, "IN_PORT"],
  [Port.TABLE, "TABLE"],
  [Port.NORMAL, "NORMAL"],
  [Port.FLOOD, "FLOOD"],
  [Port.ALL, "ALL"],
  [Port.CONTROLLER, "CONTROLLER"],
  [Port.LOCAL, "LOCAL"],
  [Port.NONE, "ANY"],
]);

const NUMBERS: ReadonlyMap<string, number> = new Map([
  ...[...NAMES].map(([number, name]) => [name, number] as const),
  ["NONE", Port.NONE],
]);

/** The reserved port that a number means, in upper case; undefined for other numbers. */
export function reservedPortName(port: number): string | undefined {
  return NAMES.get(port);
}

/** The number of a reserved port's name, in any case. */
export function reservedPort(name: string): number | undefined {
  return NUMBERS.get(name.toUpperCase());
}

/** The 32-bit number of OpenFlow 1.1 and later. */
export function port32(port: number): number {
  return port < PORT_MAX ? port : port + OF11_OFFSET;
}

/** What is said of 32-bit numbers in neither range. */
export const portOutside = (port: number): string =>
  `port ${port} is outside the supported range 0 through ${PORT_MAX - 1} or 0xffffff00 through 0xffffffff`;

/** The 16-bit number of a 32-bit one; undefined if it is in neither range (OFPBAC_BAD_OUT_PORT and the like). */
export function portFrom32(port: number): number | undefined {
  if (port < PORT_MAX) return port;
  return port >= OF11_MAX ? port - OF11_OFFSET : undefined;
}
