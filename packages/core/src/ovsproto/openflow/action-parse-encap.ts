/** The arguments of encap(...) and decap(...). */
import { ENCAP_PACKET_TYPES } from "./actions.ts";
import type { Action, EncapProperty } from "./actions.ts";
import { parseU16, parseU8 } from "./c-numbers.ts";
import { scanHexBytes } from "./hex-bytes.ts";
import { keyValues } from "./key-values.ts";
import { TextError } from "./text-error.ts";

const refuse = (text: string): never => {
  throw new TextError(text);
};

/** "0x%x,%u,0x" and digits, of which a last odd one is left out; what comes behind them is not looked at. */
const TLV = /^0x\s*([+-]?)(?:0[xX](?=[0-9a-fA-F]))?([0-9a-fA-F]+),\s*([+-]?\d+),0x([0-9a-fA-F]{1,251})/;

function encapProperty(key: string, value: string): EncapProperty {
  if (value === "") refuse("Value missing for encap property");
  if (key === "md_type") {
    const type = parseU8(value, "md_type");
    if (type !== 1 && type !== 2) refuse("invalid md_type");
    return { propClass: 4, propType: 1, value: Uint8Array.of(type) };
  }
  const [, sign = "", tlvClass = "", type = "", digits = ""] =
    TLV.exec(value) ?? refuse(`Invalid NSH TLV header: ${value}`);
  const { bytes } = scanHexBytes(digits);
  const number = Number(BigInt.asUintN(16, BigInt(`0x${tlvClass}`) * (sign === "-" ? -1n : 1n)));
  const typeByte = Number(BigInt.asUintN(8, BigInt(type.replace("+", ""))));
  return {
    propClass: 4,
    propType: 2,
    value: Uint8Array.of(number >>> 8, number & 0xff, typeByte, bytes.length, ...bytes),
  };
}

export function parseEncap(text: string): Action {
  const [first] = keyValues(text);
  if (!first) return refuse(`Missing encap hdr: ${text}`);
  const packetType = ENCAP_PACKET_TYPES.get(first.key);
  if (packetType === undefined) return refuse(`Encap hdr not supported: ${first.value}`);
  const properties: EncapProperty[] = [];
  for (const { key, value } of keyValues(first.value)) {
    if (first.key !== "nsh" || (key !== "md_type" && key !== "tlv")) refuse(`Invalid property: ${key}`);
    properties.push(encapProperty(key, value));
  }
  return { type: "encap", packetType, properties };
}

/** OFPHTN_N_TYPES */
const PACKET_NAMESPACES = 5;

export function parseDecap(text: string): Action {
  const [first] = keyValues(text);
  if (!first) return { type: "decap", packetType: undefined };
  if (first.key !== "packet_type") refuse(`Invalid decap argument: ${first.key}`);
  const [ns, type] = keyValues(first.value);
  if (ns?.key !== "ns") return refuse("Missing packet_type attribute ns");
  const namespace = parseU16(ns.value, "ns");
  if (namespace >= PACKET_NAMESPACES) refuse(`Unsupported ns value: ${namespace}`);
  if (type?.key !== "type") return refuse("Missing packet_type attribute type");
  return { type: "decap", packetType: namespace * 0x1_0000 + parseU16(type.value, "type") };
}
