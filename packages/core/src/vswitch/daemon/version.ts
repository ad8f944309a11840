// Which Open vSwitch this is, and what its packages for Debian 12 offer.

export const VERSION = "3.1.0";

/** netdev_enumerate_types() and dp_enumerate_types() of the Debian package. */
export const INTERFACE_TYPES = [
  "afxdp",
  "afxdp-nonpmd",
  "bareudp",
  "erspan",
  "geneve",
  "gre",
  "gtpu",
  "internal",
  "ip6erspan",
  "ip6gre",
  "lisp",
  "patch",
  "stt",
  "system",
  "tap",
  "vxlan",
] as const;
