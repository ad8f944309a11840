/** Ports: descriptions, changes, statistics, in the structures of 1.0, 1.1 and 1.4 (OpenFlow 1.4 and later use properties). */
import { readU48BE } from "../../wire/bytes.ts";
import { OpenflowError } from "./errors.ts";
import type { OpenFlowVersion } from "./fields.ts";
import { readPort32, writePort32 } from "./fixed-match.ts";
import { MessageReader } from "./message-bytes.ts";
import type { MessageWriter } from "./message-bytes.ts";
import { readProperty, unknownProperty, writeProperty } from "./properties.ts";

/** OFPPC_* bits as Open vSwitch keeps them: OpenFlow 1.0's numbers. */
export const PortConfig = {
  PORT_DOWN: 1 << 0,
  NO_STP: 1 << 1,
  NO_RECV: 1 << 2,
  NO_RECV_STP: 1 << 3,
  NO_FLOOD: 1 << 4,
  NO_FWD: 1 << 5,
  NO_PACKET_IN: 1 << 6,
} as const;

/** OFPPS_*: OpenFlow 1.0's, with the two that came later above. */
export const PortState = {
  LINK_DOWN: 1 << 0,
  BLOCKED: 1 << 1,
  LIVE: 1 << 2,
  STP_FORWARD: 2 << 8,
  STP_BLOCK: 3 << 8,
} as const;

export const PORT_NAME_LENGTH = 16;

export interface PhyPort {
  readonly port: number;
  readonly mac: number;
  readonly name: string;
  readonly config: number;
  /** In the version's own bits. */
  readonly state: number;
  /** OFPPF_* in OpenFlow 1.1's numbers. */
  readonly current: number;
  readonly advertised: number;
  readonly supported: number;
  readonly peer: number;
  /** Kilobits a second. */
  readonly currentSpeed: number;
  readonly maxSpeed: number;
}

export interface PortMod {
  readonly type: "port_mod";
  readonly port: number;
  readonly mac: number;
  readonly config: number;
  readonly mask: number;
  readonly advertise: number;
}

export const PORT_STATUS_REASONS = ["ADD", "DEL", "MOD"] as const;

export interface PortStatus {
  readonly type: "port_status";
  readonly reason: number;
  readonly port: PhyPort;
}

/** OpenFlow 1.0 has no number for 40, 100 Gb, 1 Tb and "other", so those above are five bits lower. */
function featuresFrom10(bits: number): number {
  return (bits & 0x7f) | ((bits & 0xf80) << 4);
}

function featuresTo10(bits: number): number {
  return (bits & 0x7f) | ((bits & 0xf800) >>> 4);
}

const SPEEDS: readonly (readonly [bits: number, kilobits: number])[] = [
  [1 << 9, 1_000_000_000],
  [1 << 8, 100_000_000],
  [1 << 7, 40_000_000],
  [1 << 6, 10_000_000],
  [(1 << 5) | (1 << 4), 1_000_000],
  [(1 << 3) | (1 << 2), 100_000],
  [(1 << 1) | 1, 10_000],
];

function speedOf(features: number): number {
  return SPEEDS.find(([bits]) => (features & bits) !== 0)?.[1] ?? 0;
}

const CONFIG11 = PortConfig.PORT_DOWN | PortConfig.NO_RECV | PortConfig.NO_FWD | PortConfig.NO_PACKET_IN;

export function readPhyPort(from: MessageReader, version: OpenFlowVersion): PhyPort {
  if (version === 1) {
    const port = from.u16();
    const mac = readU48BE(from.take(6), 0);
    const name = from.text(PORT_NAME_LENGTH);
    const config = from.u32() & 0x7f;
    const state = from.u32() & 0x301;
    const [current = 0, advertised = 0, supported = 0, peer = 0] = Array.from({ length: 4 }, () =>
      featuresFrom10(from.u32()),
    );
    return {
      port,
      mac,
      name,
      config,
      state,
      current,
      advertised,
      supported,
      peer,
      currentSpeed: speedOf(current),
      maxSpeed: speedOf(supported),
    };
  }
  if (version >= 5) return readPort14(from);
  const port = readPort32(from, "OFPBAC_BAD_OUT_PORT");
  from.skip(4);
  const mac = readU48BE(from.take(6), 0);
  from.skip(2);
  const name = from.text(PORT_NAME_LENGTH);
  const config = from.u32() & CONFIG11;
  const state = from.u32() & 7;
  const [current = 0, advertised = 0, supported = 0, peer = 0, currentSpeed = 0, maxSpeed = 0] = Array.from(
    { length: 6 },
    () => from.u32(),
  );
  return {
    port,
    mac,
    name,
    config,
    state,
    current: current & 0xffff,
    advertised: advertised & 0xffff,
    supported: supported & 0xffff,
    peer: peer & 0xffff,
    currentSpeed,
    maxSpeed,
  };
}

function readPort14(from: MessageReader): PhyPort {
  const start = from.peekU16(4);
  if (from.left < 40 || start < 40 || start > from.left) throw new OpenflowError("OFPBRC_BAD_LEN");
  const body = from.part(start);
  const port = readPort32(body, "OFPBAC_BAD_OUT_PORT");
  body.skip(4);
  const mac = readU48BE(body.take(6), 0);
  body.skip(2);
  const name = body.text(PORT_NAME_LENGTH);
  const config = body.u32() & CONFIG11;
  const state = body.u32() & 7;
  let ethernet = [0, 0, 0, 0, 0, 0];
  while (body.left > 0) {
    const property = readProperty(body);
    if (property.experimenter !== 0 || property.type !== 0) continue;
    const values = new MessageReader(property.body);
    if (property.body.length !== 28) throw new OpenflowError("OFPBPC_BAD_LEN");
    values.skip(4);
    ethernet = Array.from({ length: 6 }, () => values.u32());
  }
  const [current = 0, advertised = 0, supported = 0, peer = 0, currentSpeed = 0, maxSpeed = 0] = ethernet;
  return {
    port,
    mac,
    name,
    config,
    state,
    current: current & 0xffff,
    advertised: advertised & 0xffff,
    supported: supported & 0xffff,
    peer: peer & 0xffff,
    currentSpeed,
    maxSpeed,
  };
}

export function writePhyPort(out: MessageWriter, port: PhyPort, version: OpenFlowVersion): void {
  const { mac, name, config, state, current, advertised, supported, peer, currentSpeed, maxSpeed } = port;
  if (version === 1) {
    out
      .u16(port.port)
      .wide(BigInt(mac), 6)
      .text(name, PORT_NAME_LENGTH - 1)
      .zeros(1)
      .u32(config & 0x7f)
      .u32(state);
    for (const features of [current, advertised, supported, peer]) out.u32(featuresTo10(features));
    return;
  }
  const start = out.length;
  writePort32(out, port.port);
  out
    .u16(0)
    .zeros(2)
    .wide(BigInt(mac), 6)
    .zeros(2)
    .text(name, PORT_NAME_LENGTH - 1)
    .zeros(1)
    .u32(config & CONFIG11)
    .u32(state);
  const ethernet = (body: MessageWriter) => {
    for (const value of [current, advertised, supported, peer, currentSpeed, maxSpeed]) body.u32(value);
  };
  if (version < 5) ethernet(out);
  else {
    writeProperty(out, 0, (body) => {
      body.zeros(4);
      ethernet(body);
    });
    out.patchU16(start + 4, out.length - start);
  }
}

/** @param loose properties that are not known are passed over */
export function readPortMod(from: MessageReader, version: OpenFlowVersion, loose = false): PortMod {
  if (version === 1) {
    const port = from.u16();
    const mac = readU48BE(from.take(6), 0);
    const config = from.u32();
    const mask = from.u32() & 0x7f;
    return {
      type: "port_mod",
      port,
      mac,
      config: config & mask,
      mask,
      advertise: featuresFrom10(from.u32()),
    };
  }
  const port = readPort32(from, "OFPBAC_BAD_OUT_PORT");
  from.skip(4);
  const mac = readU48BE(from.take(6), 0);
  from.skip(2);
  const bits = from.u32();
  const mask = from.u32() & CONFIG11;
  const config = bits & mask;
  let advertise = 0;
  if (version < 5) advertise = from.u32() & 0xffff;
  else {
    while (from.left > 0) {
      const property = readProperty(from);
      if (property.experimenter !== 0 || property.type !== 0) {
        if (loose) continue;
        throw unknownProperty(property);
      }
      if (property.body.length !== 4) throw new OpenflowError("OFPBPC_BAD_LEN");
      advertise = new MessageReader(property.body).u32() & 0xffff;
    }
  }
  return { type: "port_mod", port, mac, config, mask, advertise };
}

export function writePortMod(out: MessageWriter, mod: PortMod, version: OpenFlowVersion): void {
  if (version === 1) {
    out
      .u16(mod.port)
      .wide(BigInt(mod.mac), 6)
      .u32(mod.config)
      .u32(mod.mask)
      .u32(featuresTo10(mod.advertise))
      .zeros(4);
    return;
  }
  writePort32(out, mod.port)
    .zeros(4)
    .wide(BigInt(mod.mac), 6)
    .zeros(2)
    .u32(mod.config & CONFIG11)
    .u32(mod.mask & CONFIG11);
  if (version < 5) out.u32(mod.advertise).zeros(4);
  else if (mod.advertise !== 0) writeProperty(out, 0, (body) => body.u32(mod.advertise));
}

/** 64-bit counters; undefined for what is not counted, which the wire says as all ones. */
export interface PortCounters {
  readonly port: number;
  readonly rxPackets: bigint;
  readonly txPackets: bigint;
  readonly rxBytes: bigint;
  readonly txBytes: bigint;
  readonly rxDropped: bigint;
  readonly txDropped: bigint;
  readonly rxErrors: bigint;
  readonly txErrors: bigint;
  readonly rxFrameErrors: bigint;
  readonly rxOverErrors: bigint;
  readonly rxCrcErrors: bigint;
  readonly collisions: bigint;
  /** Since when there is a port; undefined if that is not told. */
  readonly duration: { readonly seconds: number; readonly nanoseconds: number } | undefined;
  /** Counters of RFC 2819 and more, by name, which Open vSwitch tells since OpenFlow 1.4. */
  readonly custom: readonly { readonly name: string; readonly value: bigint }[];
  readonly rmon: readonly bigint[];
}

const NO_DURATION = 0xffff_ffff;
const COUNTERS = [
  "rxPackets",
  "txPackets",
  "rxBytes",
  "txBytes",
  "rxDropped",
  "txDropped",
  "rxErrors",
  "txErrors",
] as const;
const ETHERNET_COUNTERS = ["rxFrameErrors", "rxOverErrors", "rxCrcErrors", "collisions"] as const;
/** Intel's properties of port statistics: the counters of RFC 2819, and any by name. */
const INTEL = 0x0000_aa01;
const IntelProperty = { RFC2819: 1, CUSTOM: 2 } as const;
const RFC2819_COUNTERS = 21;

type Counter = (typeof COUNTERS)[number] | (typeof ETHERNET_COUNTERS)[number];

function readCounters(from: MessageReader, names: readonly Counter[]): Record<string, bigint> {
  return Object.fromEntries(names.map((name) => [name, from.u64()]));
}

export function readPortCounters(from: MessageReader, version: OpenFlowVersion): PortCounters {
  if (version >= 5) return readPortCounters14(from);
  const port = version === 1 ? from.u16() : readPort32(from, "OFPBAC_BAD_OUT_PORT");
  from.skip(version === 1 ? 6 : 4);
  const counters = readCounters(from, [...COUNTERS, ...ETHERNET_COUNTERS]) as Record<Counter, bigint>;
  const duration = version >= 4 ? readDuration(from) : undefined;
  return { port, ...counters, duration, custom: [], rmon: [] };
}

function readDuration(from: MessageReader): PortCounters["duration"] {
  const seconds = from.u32();
  const nanoseconds = from.u32();
  return seconds === NO_DURATION ? undefined : { seconds, nanoseconds };
}

function readPortCounters14(from: MessageReader): PortCounters {
  const length = from.peekU16(0);
  if (length < 80 || length > from.left) throw new OpenflowError("OFPBRC_BAD_LEN");
  const body = from.part(length);
  body.skip(4);
  const port = readPort32(body, "OFPBAC_BAD_OUT_PORT");
  const duration = readDuration(body);
  const counters = readCounters(body, COUNTERS) as Record<(typeof COUNTERS)[number], bigint>;
  const unknown = 0xffff_ffff_ffff_ffffn;
  let ethernet = { rxFrameErrors: unknown, rxOverErrors: unknown, rxCrcErrors: unknown, collisions: unknown };
  let custom: { name: string; value: bigint }[] = [];
  let rmon: bigint[] = [];
  while (body.left > 0) {
    const property = readProperty(body);
    const values = new MessageReader(property.body);
    if (property.experimenter === 0 && property.type === 0) {
      if (property.body.length !== 36) throw new OpenflowError("OFPBPC_BAD_LEN");
      values.skip(4);
      ethernet = readCounters(values, ETHERNET_COUNTERS) as typeof ethernet;
    } else if (property.experimenter === INTEL && property.type === IntelProperty.RFC2819) {
      if (property.body.length !== 4 + 8 * RFC2819_COUNTERS) throw new OpenflowError("OFPBPC_BAD_LEN");
      values.skip(4);
      rmon = Array.from({ length: RFC2819_COUNTERS }, () => values.u64());
    } else if (property.experimenter === INTEL && property.type === IntelProperty.CUSTOM)
      custom = readCustom(values);
  }
  return { port, ...counters, ...ethernet, duration, custom, rmon };
}

function readCustom(from: MessageReader): { name: string; value: bigint }[] {
  if (from.left < 4) throw new OpenflowError("OFPBPC_BAD_LEN");
  from.skip(2);
  const count = from.u16();
  const custom: { name: string; value: bigint }[] = [];
  for (let i = 0; i < count; i++) {
    const length = from.u8();
    const name = from.text(length);
    custom.push({ name, value: from.u64() });
  }
  return custom;
}

export function writePortCounters(
  out: MessageWriter,
  counters: PortCounters,
  version: OpenFlowVersion,
): void {
  const values = (names: readonly Counter[]) => names.forEach((name) => out.u64(counters[name]));
  const duration = () =>
    out.u32(counters.duration?.seconds ?? NO_DURATION).u32(counters.duration?.nanoseconds ?? NO_DURATION);
  if (version === 1) {
    out.u16(counters.port).zeros(6);
    values([...COUNTERS, ...ETHERNET_COUNTERS]);
  } else if (version < 5) {
    writePort32(out, counters.port).zeros(4);
    values([...COUNTERS, ...ETHERNET_COUNTERS]);
    if (version === 4) duration();
  } else {
    const start = out.length;
    out.u16(0).zeros(2);
    writePort32(out, counters.port);
    duration();
    values(COUNTERS);
    writeProperty(out, 0, (body) => {
      body.zeros(4);
      for (const name of ETHERNET_COUNTERS) body.u64(counters[name]);
    });
    writeProperty(
      out,
      IntelProperty.RFC2819,
      (body) => {
        body.zeros(4);
        for (let at = 0; at < RFC2819_COUNTERS; at++) body.u64(counters.rmon[at] ?? 0xffff_ffff_ffff_ffffn);
      },
      INTEL,
    );
    if (counters.custom.length > 0) {
      writeProperty(out, IntelProperty.CUSTOM, (body) => writeCustom(body, counters.custom), INTEL);
    }
    out.patchU16(start, out.length - start);
  }
}

function writeCustom(out: MessageWriter, custom: PortCounters["custom"]): void {
  out.zeros(2).u16(custom.length);
  for (const { name, value } of custom) {
    const bytes = new TextEncoder().encode(name);
    out.u8(bytes.length).put(bytes).u64(value);
  }
}
