// Payloads of IKEv1 (RFC 2408 section 3, RFC 2407 section 4.6).

import type { Dissector } from "../dissector.ts";
import { hex2 } from "../numbers.ts";
import * as names from "./names.ts";
import { named } from "./names.ts";
import { attribute, attributes, HEADER_LENGTH, need, payloads, raw, someData } from "./payload.ts";
import type { Payload } from "./payload.ts";

const [SA, PROPOSAL, TRANSFORM, KEY_EXCHANGE, IDENTITY, CERTIFICATE, CERTIFICATE_REQUEST] = [
  1, 2, 3, 4, 5, 6, 7,
] as const;
const [HASH, SIGNATURE, NONCE, NOTIFICATION, DELETION, VENDOR] = [8, 9, 10, 11, 12, 13] as const;
const IPSEC = 1;
const [RESPONDER_LIFETIME, REPLAY_STATUS] = [24_576, 24_577] as const;

const securityAssociation: Payload = (d, at, _length, context) => {
  d.text += "sa:";
  need(d, at, 12);
  const domain = d.u32(at + 4);
  const situation = d.u32(at + 8);
  if (domain !== IPSEC) {
    d.text += ` doi=${domain} situation=${situation}`;
    return at + 12;
  }
  const parts = ["identity", "secrecy", "integrity"].filter((_, bit) => (situation & (1 << bit)) !== 0);
  d.text += ` doi=ipsec situation=${parts.join("+")}`;
  let place = at + 12;
  if (situation !== 1) {
    d.text += ` ident=${d.u32(at + 4)}`;
    place += 4;
  }
  need(d, place, HEADER_LENGTH);
  return payloads(d, place, PROPOSAL, context);
};

const proposal: Payload = (d, at, _length, context) => {
  d.text += "p:";
  need(d, at, 8);
  const protocol = d.u8(at + 5);
  const spi = d.u8(at + 6);
  d.text += ` #${d.u8(at + 4)} protoid=${named(names.PROTOCOLS, protocol)} transform=${d.u8(at + 7)}`;
  if (spi > 0) {
    d.text += " spi=";
    raw(d, at + 8, spi);
  }
  need(d, at + 8 + spi, HEADER_LENGTH);
  return payloads(d, at + 8 + spi, TRANSFORM, { ...context, protocol });
};

/** Names of transforms and attributes by protocol. */
const TRANSFORMS: readonly (readonly [names.Names, names.AttributeNames] | undefined)[] = [
  undefined,
  [names.IKE_TRANSFORMS, names.OAKLEY_ATTRIBUTES],
  [names.AH_TRANSFORMS, names.IPSEC_ATTRIBUTES],
  [names.ESP_TRANSFORMS, names.IPSEC_ATTRIBUTES],
  [names.COMPRESSIONS, names.IPSEC_ATTRIBUTES],
];

const transform: Payload = (d, at, length, { protocol }) => {
  d.text += "t:";
  need(d, at, 8);
  const [transforms, attributeNames] = TRANSFORMS[protocol] ?? [];
  const id = d.u8(at + 5);
  d.text += ` #${d.u8(at + 4)} id=${transforms === undefined ? id : named(transforms, id)} `;
  return attributes(d, at + 8, at + length, attributeNames);
};

/** A payload of bytes, shown with -vvv. */
function bytes(label: string): Payload {
  return (d, at, length) => {
    d.text += `${label}=${length - HEADER_LENGTH}`;
    if (d.verbose > 2) {
      d.text += " ";
      raw(d, at + HEADER_LENGTH, length - HEADER_LENGTH);
    }
    return at + length;
  };
}

function certificate(label: string): Payload {
  return (d, at, length) => {
    d.text += label;
    need(d, at, 6);
    d.text += ` len=${length - HEADER_LENGTH} type=${named(names.CERTIFICATES, d.u8(at + 4))}`;
    if (d.verbose > 2) {
      d.text += " ";
      raw(d, at + HEADER_LENGTH, length - HEADER_LENGTH);
    }
    return at + length;
  };
}

/** The data of an identity; false if it is not one with a form of its own. */
function identityData(d: Dissector, type: number, at: number, length: number): boolean {
  const least = [0, 4, 0, 0, 8, 16, 32, 8, 32][type] ?? 0;
  if (type === 0 || type > 8) return false;
  if (length < least) {
    d.text += ` len=${length} [bad: < ${least}]`;
    return true;
  }
  d.text += ` len=${length} `;
  const octets = (from: number, count: number, separator: string, show: (byte: number) => string): string =>
    Array.from({ length: count }, (_, index) => show(d.u8(from + index))).join(separator);
  switch (type) {
    case 1:
      d.text += d.ipv4(at);
      break;
    case 4:
      d.text += `${d.ipv4(at)}/${octets(at + 4, 4, ".", String)}`;
      break;
    case 5:
      d.text += d.ipv6(at);
      break;
    case 6:
      d.text += `${d.ipv6(at)}/0x${octets(at + 16, 16, "", hex2)}`;
      break;
    case 7:
      d.text += `${d.ipv4(at)}-${d.ipv4(at + 4)}`;
      break;
    case 8:
      d.text += `${d.ipv6(at)}-${d.ipv6(at + 16)}`;
      break;
    default:
      d.characters(at, length);
  }
  return true;
}

const identity: Payload = (d, at, length) => {
  d.text += "id:";
  need(d, at, 8);
  const type = d.u8(at + 4);
  const protocol = d.u8(at + 5);
  const name = protocol === 0 ? undefined : d.addresses.protocolName(protocol);
  d.text += ` idtype=${named(names.IDENTITIES, type)} protoid=${name ?? protocol} port=${d.u16(at + 6)}`;
  const size = length - 8;
  if (size <= 0) return at + length;
  need(d, at + 8, size);
  if (identityData(d, type, at + 8, size)) return at + length;
  d.text += ` len=${size}`;
  if (d.verbose > 2) {
    d.text += " ";
    raw(d, at + 8, size);
  }
  return at + length;
};

const nonce: Payload = (d, at, length) => {
  d.text += `nonce: n len=${length - HEADER_LENGTH}`;
  if (d.verbose > 2) {
    d.text += " ";
    raw(d, at + HEADER_LENGTH, length - HEADER_LENGTH);
  } else if (d.verbose > 1) {
    d.text += " ";
    someData(d, at + HEADER_LENGTH);
  }
  return at + length;
};

function notificationType(type: number, isIpsec: boolean): string {
  if (type < 8192) return named(names.NOTIFY_ERRORS, type);
  if (type < 16_384) return isIpsec ? (type === 8192 ? "RESERVED" : `#${type - 8192}`) : `#${type}`;
  if (type < 24_576) return type === 16_384 ? "CONNECTED" : `#${type - 16_384}`;
  return isIpsec && type < 32_768 ? named(names.IPSEC_STATUS, type - 24_576) : `#${type}`;
}

const notification: Payload = (d, at, length) => {
  d.text += "n:";
  need(d, at, 12);
  const domain = d.u32(at + 4);
  const protocol = d.u8(at + 8);
  const spi = d.u8(at + 9);
  const type = d.u16(at + 10);
  const isIpsec = domain === IPSEC;
  d.text += isIpsec
    ? ` doi=ipsec proto=${named(names.PROTOCOLS, protocol)}`
    : ` doi=${domain} proto=${protocol}`;
  d.text += ` type=${notificationType(type, isIpsec)}`;
  if (spi > 0) {
    d.text += " spi=";
    raw(d, at + 12, spi);
  }
  let place = at + 12 + spi;
  if (!isIpsec) return place;
  if (place >= d.end) return at + length;
  if (type === RESPONDER_LIFETIME) {
    d.text += " attrs=(";
    labelledAttributes(d, () => {
      while (place < d.end && place < at + length)
        place = attribute(d, place, at + length, names.OAKLEY_ATTRIBUTES);
    });
    d.text += ")";
  } else if (type === REPLAY_STATUS) {
    d.text += " status=(";
    d.text += `replay detection ${d.u32(place) === 0 ? "dis" : "en"}abled)`;
  } else if (d.verbose > 3) {
    d.text += " data=(";
    raw(d, place, d.end - place);
    d.text += ")";
  } else someData(d, place);
  return at + length;
};

/** The bracket around attributes is closed even if they are cut off. */
function labelledAttributes(d: Dissector, print: () => void): void {
  let complete = false;
  try {
    print();
    complete = true;
  } finally {
    if (!complete) d.text += ")";
  }
}

const deletion: Payload = (d, at) => {
  d.text += "d:";
  need(d, at, 12);
  const domain = d.u32(at + 4);
  const protocol = d.u8(at + 8);
  d.text +=
    domain === IPSEC
      ? ` doi=ipsec proto=${named(names.PROTOCOLS, protocol)}`
      : ` doi=${domain} proto=${protocol}`;
  const size = d.u8(at + 9);
  const count = d.u16(at + 10);
  d.text += ` spilen=${size} nspi=${count} spi=`;
  for (let index = 0; index < count; index++) {
    if (index > 0) d.text += ",";
    raw(d, at + 12 + size * index, size);
  }
  return at + 12 + size * count;
};

const PRINTERS: Readonly<Record<number, Payload>> = {
  [SA]: securityAssociation,
  [PROPOSAL]: proposal,
  [TRANSFORM]: transform,
  [KEY_EXCHANGE]: bytes("ke: key len"),
  [IDENTITY]: identity,
  [CERTIFICATE]: certificate("cert:"),
  [CERTIFICATE_REQUEST]: certificate("cr:"),
  [HASH]: bytes("hash: len"),
  [SIGNATURE]: bytes("sig: len"),
  [NONCE]: nonce,
  [NOTIFICATION]: notification,
  [DELETION]: deletion,
  [VENDOR]: bytes("vid: len"),
};

export function version1Payload(type: number): Payload | undefined {
  return PRINTERS[type];
}
