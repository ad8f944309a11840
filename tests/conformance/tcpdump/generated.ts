// Captures that are made in memory, by name of the protocol or of the sweep.

import type { Capture } from "./packets.ts";
import { Choice } from "./frames.ts";
import type { Protocol } from "./frames.ts";
import { APPLICATIONS } from "./protocols/applications.ts";
import { bgp } from "./protocols/bgp.ts";
import { KEYS } from "./protocols/keys.ts";
import { LINK_LAYERS } from "./protocols/link-layers.ts";
import { LINKS } from "./protocols/links.ts";
import { multicast } from "./protocols/multicast.ts";
import { osi } from "./protocols/osi.ts";
import { ospf } from "./protocols/ospf.ts";
import { SERVICES } from "./protocols/services.ts";
import { CALLS } from "./protocols/calls.ts";
import { CONTROL } from "./protocols/control.ts";
import { ipsec } from "./protocols/ipsec.ts";
import { signedMessages } from "./protocols/signed.ts";
import { NEIGHBOURS } from "./protocols/neighbours.ts";
import { OLDER } from "./protocols/older.ts";
import { WPAN } from "./protocols/wpan.ts";
import { cfmFrames } from "./protocols/cfm.ts";
import { rsvp } from "./protocols/rsvp.ts";
import { WIRELESS } from "./protocols/wireless.ts";
import { vendor } from "./protocols/vendor.ts";
import { INTERNET } from "./sweeps/internet.ts";
import { MESSAGE_LENGTHS } from "./sweeps/lengths.ts";
import { LEGACY } from "./sweeps/legacy.ts";
import { LINK_PROTOCOLS } from "./sweeps/neighbours.ts";
import { FORCED_TYPES } from "./sweeps/packet-types.ts";
import { ROUTING } from "./sweeps/routing.ts";
import { HOST_SERVICES } from "./sweeps/services.ts";
import type { Sweep } from "./sweeps/sweep.ts";

const SEED = 20;
const COUNT = 60;
const ETHERNET = 1;
/** Knuth's multiplicative hash: neighbouring frames of a sweep have unlike bytes. */
const SPREAD = 2_654_435_761;

export const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  bgp,
  osi,
  ospf,
  multicast,
  vendor,
  ...APPLICATIONS,
  ...SERVICES,
  ...KEYS,
  ...LINKS,
  ...LINK_LAYERS,
  ...WIRELESS,
  rsvp,
  cfm: cfmFrames,
  ...CALLS,
  ipsec,
  signedMessages,
  ...CONTROL,
  ...NEIGHBOURS,
  ...OLDER,
  ...WPAN,
};

export const SWEEPS: Readonly<Record<string, Sweep>> = {
  ...INTERNET,
  ...HOST_SERVICES,
  ...ROUTING,
  ...LINK_PROTOCOLS,
  ...MESSAGE_LENGTHS,
  ...LEGACY,
  ...FORCED_TYPES,
};

function fileHeader(linkType: number): Uint8Array {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2_c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262_144, 16);
  header.writeUInt32LE(linkType, 20);
  return header;
}

export function generated(protocol: Protocol, seed = SEED, count = protocol.count ?? COUNT): Capture {
  const choice = new Choice(seed);
  return {
    header: fileHeader(protocol.linkType ?? ETHERNET),
    packets: Array.from({ length: count }, (_, index) => Uint8Array.from(protocol.frame(choice, index))),
  };
}

/** At most `most` frames of a sweep, from all over it; each is the same whatever `most` is. */
export function swept(sweep: Sweep, most = sweep.count): Capture {
  const count = Math.min(most, sweep.count);
  return {
    header: fileHeader(sweep.linkType ?? ETHERNET),
    packets: Array.from({ length: count }, (_, place) => {
      const index = Math.floor((place * sweep.count) / count);
      return Uint8Array.from(sweep.frame(new Choice(Math.imul(index, SPREAD)), index));
    }),
  };
}
