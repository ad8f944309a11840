// Why CLNP discarded a packet (ISO 8473 table 9): class of the error, and the reason by class.

export const DISCARD_CLASSES: ReadonlyMap<number, string> = new Map([
  [0x0, "General"],
  [0x8, "Address"],
  [0x9, "Source Routeing"],
  [0xa, "Lifetime"],
  [0xb, "PDU Discarded"],
  [0xc, "Reassembly"],
]);

export const DISCARD_REASONS: ReadonlyMap<number, readonly string[]> = new Map([
  [
    0x0,
    [
      "Reason not specified",
      "Protocol procedure error",
      "Incorrect checksum",
      "PDU discarded due to congestion",
      "Header syntax error (cannot be parsed)",
      "Segmentation needed but not permitted",
      "Incomplete PDU received",
      "Duplicate option",
    ],
  ],
  [0x8, ["Destination address unreachable", "Destination address unknown"]],
  [
    0x9,
    [
      "Unspecified source routeing error",
      "Syntax error in source routeing field",
      "Unknown address in source routeing field",
      "Path not acceptable",
    ],
  ],
  [0xa, ["Lifetime expired while data unit in transit", "Lifetime expired during reassembly"]],
  [
    0xb,
    [
      "Unsupported option not specified",
      "Unsupported protocol version",
      "Unsupported security option",
      "Unsupported source routeing option",
      "Unsupported recording of route option",
    ],
  ],
  [0xc, ["Reassembly interference"]],
]);
