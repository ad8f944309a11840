// The identifier of a port in BPDUs: a priority and a number (net/bridge/br_private.h; IEEE 802.1D-1998, 9.2.7, has eight bits
// for each, Linux six and ten).

/** Bits of a port id that hold the number; the rest is the priority (BR_PORT_BITS). */
const NUMBER_BITS = 10;
/** 128 of 0..255 in 802.1D's eight bits, here of six. */
export const DEFAULT_PORT_PRIORITY = 0x8000 >> NUMBER_BITS;
export const MAX_PRIORITY = 0xffff >> NUMBER_BITS;
/** Numbers are 1..1023. */
export const PORT_LIMIT = 1 << NUMBER_BITS;

/** br_make_port_id() */
export function makePortId(priority: number, number: number): number {
  return (priority << NUMBER_BITS) | (number & (PORT_LIMIT - 1));
}
