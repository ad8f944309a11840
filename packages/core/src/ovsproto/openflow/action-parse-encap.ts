/** The arguments of encap(...) and decap(...). */
import { ENCAP_PACKET_TYPES } from "./actions.ts";
import type { Action, EncapProperty } from "./actions.ts";
import { parseU16 } from "./c-numbers.ts";
import { scanHexBytes } from "./hex-bytes.ts";
import { keyValues } from "./key-values.ts";
import { TextError } from "./text-error.ts";

const refuse = (text: string): never => {
  throw new TextError(text);
};

function encapProperty(key: string, value: string): EncapProperty {
  if (key === "md_type") {
    const type = Number(value);
    if (type !== 1 && type !== 2) refuse("invalid md_type");
    return { propClass: 4, propType: 1, value: Uint8Array.of(type) };
  }
  if (key !== "tlv") refuse(`Invalid property: ${key}`);
  const match = /^(0x[0-9a-fA-F]+|\d+),(0x[0-9a-fA-F]+|\d+),(0x([0-9a-fA-F]+)|\d+)$/.exec(
    value.replaceAll(" ", ""),
  );
  if (!match) return refuse(`Invalid NSH TLV header: ${value}`);
  const digits = match[4] ?? Number(match[3]).toString(16);
  const data = scanHexBytes(digits.length % 2 === 0 ? digits : `0${digits}`).bytes;
  const tlvClass = Number(match[1]);
  return {
    propClass: 4,
    propType: 2,
    value: Uint8Array.of(tlvClass >>> 8, tlvClass & 0xff, Number(match[2]), data.length, ...data),
  };
}

export function parseEncap(text: string): Action {
  const [first] = keyValues(text);
  if (!first) return refuse(`Missing encap hdr: ${text}`);
  const packetType = ENCAP_PACKET_TYPES.get(first.key);
  if (packetType === undefined) return refuse(`Encap hdr not supported: ${first.value}`);
  const properties: EncapProperty[] = [];
  for (const { key, value } of keyValues(first.value)) {
    if (key !== "md_type" && key !== "tlv") refuse(`Invalid property: ${key}`);
    properties.push(encapProperty(key, value));
  }
  return { type: "encap", packetType, properties };
}

export function parseDecap(text: string): Action {
  const [first] = keyValues(text);
  if (!first) return { type: "decap", packetType: undefined };
  if (first.key !== "packet_type") refuse(`Invalid decap argument: ${first.key}`);
  const [ns, type] = keyValues(first.value);
  if (ns?.key !== "ns") return refuse("Missing packet_type attribute ns");
  const namespace = parseU16(ns.value, "ns");
  if (namespace >= 3) refuse(`Unsupported ns value: ${namespace}`);
  if (type?.key !== "type") return refuse("Missing packet_type attribute type");
  return { type: "decap", packetType: namespace * 0x1_0000 + parseU16(type.value, "type") };
}
