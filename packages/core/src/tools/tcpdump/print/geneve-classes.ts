// Option classes of Geneve that tcpdump names (RFC 8926 section 12).

const CLASSES: ReadonlyMap<number, string> = new Map([
  [0x0100, "Linux"],
  [0x0101, "Open vSwitch"],
  [0x0102, "Open Virtual Networking (OVN)"],
  [0x0103, "In-band Network Telemetry (INT)"],
  [0x0104, "VMware"],
]);

export function unknownOrStandard(kind: number): string {
  return kind <= 0xff ? "Standard" : (CLASSES.get(kind) ?? "Unknown");
}
