// Payloads of IKEv2 (RFC 4306 section 3).

import type { Dissector } from "../dissector.ts";
import { withPlainText } from "../esp.ts";
import * as names from "./names.ts";
import { named, PAYLOADS } from "./names.ts";
import { attributes, HEADER_LENGTH, indent, labelled, need, payloads, raw, someData } from "./payload.ts";
import type { Payload } from "./payload.ts";

const [PROPOSAL, TRANSFORM] = [2, 3] as const;
const COOKIE = 16_390;
const CRITICAL = 0x80;

function title(d: Dissector, at: number, name: string): void {
  d.text += `${name}${(d.u8(at + 1) & CRITICAL) === 0 ? "" : "[C]"}:`;
}

/** Names of transforms by type. */
const TRANSFORMS: readonly (names.Names | undefined)[] = [
  undefined,
  names.ESP_TRANSFORMS,
  names.PSEUDO_RANDOM,
  names.INTEGRITY,
  names.GROUPS,
  names.EXTENDED_NUMBERS,
];

function transform(d: Dissector, at: number, length: number, count: number): number | undefined {
  return labelled(d, TRANSFORM, () => {
    need(d, at, 8);
    title(d, at, "t");
    const type = d.u8(at + 4);
    const id = d.u16(at + 6);
    const known = TRANSFORMS[type];
    d.text += ` #${count} type=${named(names.TRANSFORM_TYPES, type)} id=${known === undefined ? id : named(known, id)} `;
    return attributes(d, at + 8, at + length, type === 1 ? names.ENCRYPTION_ATTRIBUTES : undefined);
  });
}

/** Items with a header each, as proposals have transforms. Returns the offset after them; undefined if they end early. */
function items(
  d: Dissector,
  start: number,
  total: number,
  kind: number,
  label: number,
  depth: number,
  print: (at: number, length: number, count: number) => number | undefined,
): number | undefined {
  let at = start;
  let left = total;
  let type = kind;
  for (let count = 1; type !== 0; count++) {
    const tooLong = (): number => {
      d.text += ` [|${named(PAYLOADS, label)}]`;
      return at + left;
    };
    if (left < HEADER_LENGTH) return tooLong();
    need(d, at, HEADER_LENGTH);
    const length = d.u16(at + 2);
    if (length <= HEADER_LENGTH) need(d, at, Infinity);
    if (left < length) return tooLong();
    need(d, at, length);
    indent(d, depth + 1);
    const current = at;
    if (type === kind) {
      const next = print(at, length, count);
      if (next === undefined) return undefined;
      at = next;
    } else {
      d.text += named(PAYLOADS, type);
      at += length;
    }
    d.text += ")";
    left -= length;
    type = d.u8(current);
  }
  return at;
}

function proposal(d: Dissector, at: number, length: number, depth: number): number | undefined {
  return labelled(d, PROPOSAL, () => {
    need(d, at, 8);
    title(d, at, "p");
    d.text += ` #${d.u8(at + 4)} protoid=${named(names.PROTOCOLS, d.u8(at + 5))} transform=${d.u8(at + 7)} len=${length}`;
    let left = length - HEADER_LENGTH;
    const spi = d.u8(at + 6);
    if (spi > 0) {
      if (left < spi) {
        d.text += " [|p]";
        return at + 8 + left;
      }
      d.text += " spi=";
      raw(d, at + 8, spi);
      left -= spi;
    }
    return items(d, at + 8 + spi, left, TRANSFORM, PROPOSAL, depth, (place, size, count) =>
      transform(d, place, size, count),
    );
  });
}

const securityAssociation: Payload = (d, at, length, { type, depth }) => {
  title(d, at, "sa");
  d.text += ` len=${length - HEADER_LENGTH}`;
  return items(d, at + HEADER_LENGTH, length - HEADER_LENGTH, PROPOSAL, type, depth, (place, size) =>
    proposal(d, place, size, depth + 1),
  );
};

const generic: Payload = (d, at, length, { type }) => {
  title(d, at, named(PAYLOADS, type));
  d.text += ` len=${length - HEADER_LENGTH}`;
  if (d.verbose > 2) {
    d.text += " ";
    raw(d, at + HEADER_LENGTH, length - HEADER_LENGTH);
  }
  return at + length;
};

const keyExchange: Payload = (d, at, length, { type }) => {
  need(d, at, 8);
  title(d, at, named(PAYLOADS, type));
  if (length < 8) {
    d.text += ` len=${length} < 8`;
    return at + length;
  }
  d.text += ` len=${length - 8} group=${named(names.GROUPS, d.u16(at + 4))}`;
  if (d.verbose > 2 && length > 8) {
    d.text += " ";
    raw(d, at + 8, length - 8);
  }
  return at + length;
};

const IDENTITIES: Readonly<Record<number, string>> = {
  1: "ipv4",
  2: "fqdn",
  3: "rfc822",
  5: "ipv6",
  9: "dn",
  10: "gn",
  11: "keyid",
};

function printable(d: Dissector, at: number, length: number): void {
  need(d, at, length);
  for (let index = 0; index < length; index++) {
    const byte = d.u8(at + index);
    d.text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
  }
}

const identity: Payload = (d, at, length, context) => {
  need(d, at, 8);
  generic(d, at, length, context);
  const kind = d.u8(at + 4);
  const name = IDENTITIES[kind];
  if (name === undefined) return at + length;
  d.text += ` ${name}:`;
  // A length below that of the header becomes a huge one in tcpdump, which is then not there.
  const size = (length - 8) >>> 0;
  if (kind === 2 || kind === 3) printable(d, at + 8, size);
  else raw(d, at + 8, size);
  return at + length;
};

const authentication: Payload = (d, at, length, { type }) => {
  need(d, at, 8);
  title(d, at, named(PAYLOADS, type));
  d.text += ` len=${length - HEADER_LENGTH} method=${named(names.AUTHENTICATIONS, d.u8(at + 4))}`;
  if (d.verbose > 1) {
    d.text += " authdata=(";
    raw(d, at + 8, (length - 8) >>> 0);
    d.text += ") ";
  } else if (d.verbose > 0) someData(d, at + 8);
  return at + length;
};

const nonce: Payload = (d, at, length) => {
  title(d, at, "nonce");
  d.text += ` len=${length - HEADER_LENGTH}`;
  if (d.verbose > 1) {
    d.text += " nonce=(";
    raw(d, at + HEADER_LENGTH, length - HEADER_LENGTH);
    d.text += ") ";
  } else if (d.verbose > 0) someData(d, at + HEADER_LENGTH);
  return at + length;
};

function unknownNotification(type: number): string {
  if (type < 8192) return "error";
  if (type < 16_384) return "private-error";
  return type < 40_960 ? "status" : "private-status";
}

const notification: Payload = (d, at, length) => {
  need(d, at, 8);
  title(d, at, "n");
  const type = d.u16(at + 6);
  const [name, showsSpi] = names.NOTIFICATIONS.get(type) ?? [unknownNotification(type), true];
  d.text += ` prot_id=${named(names.PROTOCOLS, d.u8(at + 4))} type=${type}(${name})`;
  const spi = d.u8(at + 5);
  if (showsSpi && spi > 0) {
    d.text += " spi=";
    raw(d, at + 8, spi);
  }
  const data = at + 8 + spi;
  const left = d.end - data;
  if (left > 0) {
    if (d.verbose > 3 || (type === COOKIE && left < 30)) {
      d.text += " data=(";
      raw(d, data, left);
      d.text += ")";
    } else if (type === COOKIE) someData(d, data);
  }
  return at + length;
};

const vendor: Payload = (d, at, length, { type }) => {
  title(d, at, named(PAYLOADS, type));
  const size = length - HEADER_LENGTH;
  d.text += ` len=${size} vid=`;
  printable(d, at + HEADER_LENGTH, size);
  if (d.verbose > 2 && size > 4) {
    d.text += " ";
    raw(d, at + HEADER_LENGTH, size);
  }
  return at + length;
};

/** What is encrypted ends the message: the next payload that it names is inside. */
const encrypted: Payload = (d, at, length, context) => {
  title(d, at, named(PAYLOADS, context.type));
  const size = length - HEADER_LENGTH;
  d.text += ` len=${size}`;
  if (d.verbose > 2 && size > 4) {
    d.text += " ";
    raw(d, at + HEADER_LENGTH, size);
  }
  const inside = at + HEADER_LENGTH;
  const plain = context.plainText(inside, size);
  if (plain !== undefined) {
    const { phase, protocol, depth, inner, plainText } = context;
    withPlainText(d, inside, plain, () => {
      payloads(d, inside, d.u8(at), { phase, protocol, depth: depth + 1, inner, plainText });
    });
  }
  return undefined;
};

/** From 33 on. */
const PRINTERS: readonly Payload[] = [securityAssociation, keyExchange, identity, identity, generic, generic,
  authentication, nonce, notification, generic, vendor, generic, generic, encrypted, generic, generic]; // prettier-ignore
const FIRST = 33;

export function version2Payload(type: number): Payload | undefined {
  return PRINTERS[type - FIRST];
}
