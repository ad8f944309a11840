// What the embedded host's disk holds at the start: directories, and the configuration files of Debian 12 that network
// tools read (names of tables, protocols and groups of iproute2).

export const HOST_DIRECTORIES: readonly (readonly [path: string, mode: number])[] = [
  ["/dev", 0o755],
  ["/etc", 0o755],
  ["/etc/iproute2", 0o755],
  ["/etc/sysctl.d", 0o755],
  ["/home", 0o755],
  ["/mnt", 0o755],
  ["/opt", 0o755],
  ["/root", 0o700],
  ["/run", 0o755],
  ["/tmp", 0o1777],
  ["/usr/bin", 0o755],
  ["/usr/local/bin", 0o755],
  ["/usr/local/sbin", 0o755],
  ["/usr/sbin", 0o755],
  ["/etc/openvswitch", 0o755],
  ["/var/lib", 0o755],
  ["/var/lib/openvswitch", 0o755],
  ["/var/log", 0o755],
  ["/var/log/openvswitch", 0o750],
  ["/var/tmp", 0o1777],
];

/** Symbolic links: in a directory, a name that leads somewhere else. */
export const HOST_LINKS: readonly (readonly [directory: string, name: string, target: string])[] = [
  ["/etc/openvswitch", "conf.db", "/var/lib/openvswitch/conf.db"],
  ["/var", "run", "/run"],
  ["/", "bin", "usr/bin"],
  ["/", "sbin", "usr/sbin"],
];

function table(rows: readonly string[]): string {
  return rows.map((row) => `${row.replace(" ", "\t")}\n`).join("");
}

const ROUTE_TABLES = table(["255 local", "254 main", "253 default", "0 unspec"]);

const ROUTE_SCOPES = table(["0 global", "255 nowhere", "254 host", "253 link", "200 site"]);

const ROUTE_PROTOCOLS = table([
  "0 unspec",
  "1 redirect",
  "2 kernel",
  "3 boot",
  "4 static",
  "8 gated",
  "9 ra",
  "10 mrt",
  "11 zebra",
  "12 bird",
  "13 dnrouted",
  "14 xorp",
  "15 ntk",
  "16 dhcp",
  "18 keepalived",
  "42 babel",
  "99 openr",
  "186 bgp",
  "187 isis",
  "188 ospf",
  "189 rip",
  "192 eigrp",
]);

/** Differentiated services code points (RFC 2474, 2597, 3246) as values of the whole octet. */
const SERVICE_FIELDS = table([
  "0x0 default",
  "0x28 AF11",
  "0x30 AF12",
  "0x38 AF13",
  "0x48 AF21",
  "0x50 AF22",
  "0x58 AF23",
  "0x68 AF31",
  "0x70 AF32",
  "0x78 AF33",
  "0x88 AF41",
  "0x90 AF42",
  "0x98 AF43",
  "0x20 CS1",
  "0x40 CS2",
  "0x60 CS3",
  "0x80 CS4",
  "0xA0 CS5",
  "0xC0 CS6",
  "0xE0 CS7",
  "0xB8 EF",
]);

/** Of Debian 12, which the profiles are of. */
const OS_RELEASE = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
SUPPORT_URL="https://www.debian.org/support"
BUG_REPORT_URL="https://bugs.debian.org/"
`;

export const HOST_FILES: readonly (readonly [path: string, text: string])[] = [
  ["/etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"],
  ["/etc/os-release", OS_RELEASE],
  ["/etc/resolv.conf", ""],
  ["/etc/sysctl.conf", "# Variables that are set at boot: NAME = VALUE, one a line.\n"],
  ["/etc/iproute2/group", table(["0 default"])],
  ["/etc/iproute2/rt_dsfield", SERVICE_FIELDS],
  ["/etc/iproute2/rt_protos", ROUTE_PROTOCOLS],
  ["/etc/iproute2/rt_realms", table(["0 cosmos"])],
  ["/etc/iproute2/rt_scopes", ROUTE_SCOPES],
  ["/etc/iproute2/rt_tables", ROUTE_TABLES],
];
